/** A report and its receipt in the types that openapi-typescript makes of the document. Compiled, never run. */

import type { components, paths } from "./api";

type PutReport = paths["/v1/sites/{site}/reports/{month}"]["put"];
type Report = PutReport["requestBody"]["content"]["application/json"];
type Receipt = PutReport["responses"][201]["content"]["application/json"];
type Count = components["schemas"]["Count"];

export const counted: Count = 31;
export const hidden: Count = { lt: 5 };
export const missing: Count = { status: "not_collected" };

// @ts-expect-error A count is never text.
export const text: Count = "31";
// @ts-expect-error Why there is no count is said with a code.
export const reason: Count = { status: "lost" };

export const report: Report = {
  dictionary: "2026.1",
  about: {
    partial_month: null,
    unique_method: "self_code",
    unique_scope: "operator",
    visit_basis: "consumption",
    ems_policy: "clinical_judgement",
    overdose_definition: "core",
    provisional: false,
  },
  indicators: {
    operating_days: { total: counted },
    operating_hours: { total: 248.5 },
    visits_consumption: {
      total: 2412,
      by: { route_any: { inject: 1622, smoke: 700, snort: 90, oral: 0, other: 0, unknown: 0 } },
    },
    overdose_events: {
      total: 31,
      by: { overdose_type: { opioid: 20, stimulant: 9, mixed: 2, other_unknown: 0 } },
    },
    ems_calls: { total: hidden },
    participants_unique: { total: missing },
    participants_connected: { total: 44 },
    referrals_made: { total: 97 },
    deaths_overdose_onsite: { total: 0 },
  },
};

// @ts-expect-error A report says how its counts were made.
export const unexplained: Report = { dictionary: "2026.1", indicators: report.indicators };

export function unacknowledged(receipt: Receipt): string[] {
  return receipt.findings.filter((finding) => finding.level === "warning").map((finding) => finding.rule);
}
