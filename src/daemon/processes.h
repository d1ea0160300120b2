/* daemon/processes.h: the subcommands that are processes
 *
 * Each runs until SIGTERM or SIGINT and returns an exit code (cli/command.h).  Arguments as in
 * cli/command.h: those after the subcommand's word.
 */
#ifndef DAEMON_PROCESSES_H
#define DAEMON_PROCESSES_H

int authority_process(int argc, char **argv); /* authority_process.c */
int exchange_process(int argc, char **argv);  /* exchange_process.c */
int scanner_process(int argc, char **argv);   /* scanner_process.c */
int up_process(int argc, char **argv);        /* up.c */
int witness_process(int argc, char **argv);   /* witness_process.c */

#endif
