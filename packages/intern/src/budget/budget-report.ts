import { loadInternConfiguration } from "../configuration/load-configuration.ts";
import type { Environment } from "../models/endpoints.ts";
import type { SessionOptions } from "../session/session-event.ts";
import type { SessionState } from "../session/session-state.ts";
import { type BudgetLimits, type BudgetSettings, leftOf, limitsOf } from "./budget-limits.ts";
import { describeBudget } from "./describe-budget.ts";
import { earlierSteps } from "./earlier-steps.ts";
import { describeForecast, forecast } from "./forecast.ts";
import { burnRate, describePace } from "./pace.ts";
import { activeStep } from "./plan-step.ts";

/** The settings, and what the person said for this session, which comes first. */
export function limitsOfSession(
  settings: BudgetSettings,
  { budget_usd }: Pick<SessionOptions, "budget_usd">,
): BudgetLimits {
  return limitsOf({ ...settings, ...(budget_usd !== null && { usd: budget_usd }) });
}

/** What a session has used, line by line, what is left of the limits that it has here, and what the step under way is likely to cost. */
export async function budgetReport(
  state: SessionState,
  place: { readonly home: string; readonly env: Environment },
): Promise<readonly string[]> {
  const { budget } = await loadInternConfiguration(place);
  const limits = limitsOfSession(budget, state.options);
  const { usd: left } = leftOf(state.budget, limits, { isFinishing: true });
  const pace = describePace(burnRate(state.budget.pace, { left, now: Date.now() }));
  const step = activeStep(state.plan);
  const steps = [...(await earlierSteps(place.home, state.id)), ...state.budget.steps];
  return [
    ...describeBudget(state, limits),
    ...(pace === null ? [] : [pace]),
    ...(step === undefined
      ? []
      : [`${step.id}: ${describeForecast(forecast({ steps }, { kind: step.kind, current: step.id }))}`]),
  ];
}
