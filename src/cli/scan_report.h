/* cli/scan_report.h: what `latchkey scan` prints while it goes on and at its end
 *
 * Findings for people go to standard output, progress and what was not looked at to standard error.
 * JSON has one object a line: "finding", "incomplete", at the end "summary".  SARIF 2.1.0 (OASIS)
 * is one document, written as it goes.
 */
#ifndef CLI_SCAN_REPORT_H
#define CLI_SCAN_REPORT_H

#include <stdio.h>

#include "base/err.h"
#include "scanner/scan.h"

enum report_form { REPORT_TEXT, REPORT_JSON, REPORT_SARIF };

struct report;

/* ERR_MEMORY. */
must_use enum err report_open(enum report_form form, FILE *out, struct report **report);
void report_close(struct report **report);

/* What a scan calls; valid as long as the report. */
const struct scan_listener *report_listener(struct report *report);

/* ERR_IO: not everything could be written. */
must_use enum err report_end(struct report *report, const struct scan_totals *totals);

#endif
