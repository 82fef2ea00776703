import { Context, Query, Resolver } from '@nestjs/graphql';
import type { RequestContext } from '../context';
import { Plan, toPlan } from './plan.type';

@Resolver()
export class PlanResolver {
  @Query(() => [Plan])
  async plans(@Context('plane') context: RequestContext): Promise<Plan[]> {
    context.requireViewer();
    return (await context.loaders.plans()).map(toPlan);
  }
}
