import { Inject } from '@nestjs/common';
import { Query, Resolver } from '@nestjs/graphql';
import { enginePersistences, tenantSettings } from '@larder/plane-domain';
import { PLANE, type PlaneServices } from '../services';
import { SettingType } from '../words/enums';
import { About, type SettingDefinition } from './about.type';

@Resolver()
export class AboutResolver {
  constructor(@Inject(PLANE) private readonly plane: PlaneServices) {}

  @Query(() => About)
  about(): About {
    const { engines, publicHost, uploadBytesMax, apiUrl, version } = this.plane.facts;
    return { engines, instanceSettings: definitions, persistences: enginePersistences, publicHost, uploadBytesMax, uploadUrl: `${apiUrl}/api/uploads`, version };
  }
}

const definitions: SettingDefinition[] = tenantSettings.map(({ name, type, defaultValue, doc, min, max, choices }) => ({
  name, defaultValue, doc, type: type.toUpperCase() as keyof typeof SettingType, min: min ?? null, max: max ?? null, choices: choices ?? null,
}));
