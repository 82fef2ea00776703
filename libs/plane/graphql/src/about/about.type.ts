import { Field, Int, ObjectType } from '@nestjs/graphql';
import { Engine, Persistence, SettingType } from '../words/enums';
import { Long } from '../words/scalars';

@ObjectType()
export class SettingDefinition {
  @Field(() => [String], { nullable: true }) choices!: readonly string[] | null;
  @Field(() => String) defaultValue!: string;
  @Field(() => String) doc!: string;
  @Field(() => Int, { nullable: true }) max!: number | null;
  @Field(() => Int, { nullable: true }) min!: number | null;
  @Field(() => String) name!: string;
  @Field(() => SettingType) type!: keyof typeof SettingType;
}

@ObjectType()
export class About {
  @Field(() => [Engine], { description: 'That an instance can be made with here; others answer EngineNotInstalled.' }) engines!: readonly (keyof typeof Engine)[];
  @Field(() => [SettingDefinition], { description: 'The settings a tenant may set.' }) instanceSettings!: SettingDefinition[];
  @Field(() => [Persistence], { description: 'The modes that the engine has; others answer NotSupportedYet.' }) persistences!: readonly (keyof typeof Persistence)[];
  @Field(() => String, { description: 'Host that instances are reached by.' }) publicHost!: string;
  @Field(() => Long, { description: 'Largest upload taken.' }) uploadBytesMax!: number;
  @Field(() => String, {
    description: 'POST the raw RDB here as application/octet-stream, with ?organizationId=…&fileName=…; answers { uploadId } (201) or { error } (4xx).',
  })
  uploadUrl!: string;
  @Field(() => String) version!: string;
}
