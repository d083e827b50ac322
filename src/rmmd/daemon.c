/* SPDX-License-Identifier: BSD-3-Clause */
/* The daemon as a whole: starts its parts, runs the loop, ends them. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "daemon.h"
#include "listener.h"
#include "log.h"
#include "realm/script.h"
#include "server.h"

#define SIGNALS 6

struct daemon {
	const struct options *options;
	struct daemonize *daemonize;
	struct captive *captive;
	struct event_base *base;
	struct machine *machine;
	struct server server;
	struct listener host, control;
	bool host_open, control_open, pid_written;
	struct event *turn, *alarm; /* of actors */
	struct event *signals[SIGNALS];
	size_t num_signals;
};

/* ---- Signals ----------------------------------------------------------- */

static void
on_end(int number, short what, void *arg)
{
	struct daemon *daemon = arg;

	(void)what;
	if (daemon->captive != NULL) {
		captive_signal(daemon->captive, number);
		return;
	}
	log_at(LOG_INFO, "signal %d (%s): ending", number, strsignal(number));
	event_base_loopbreak(daemon->base);
}

static void
on_hangup(int number, short what, void *arg)
{
	struct daemon *daemon = arg;

	(void)what;
	if (daemon->captive != NULL)
		captive_signal(daemon->captive, number);
	log_reopen();
}

static void
on_child(int number, short what, void *arg)
{
	struct daemon *daemon = arg;

	(void)number;
	(void)what;
	captive_reap(daemon->captive);
	if (daemon->captive->ended)
		event_base_loopbreak(daemon->base);
}

static bool catch (struct daemon *daemon, int number,
    event_callback_fn callback, struct failure *why)
{
	struct event *event;

	event = evsignal_new(daemon->base, number, callback, daemon);
	if (event == NULL || event_add(event, NULL) != 0)
		return failure_set(why, "cannot catch signal %d", number);
	daemon->signals[daemon->num_signals++] = event;
	return true;
}

static bool
catch_signals(struct daemon *daemon, struct failure *why)
{
	signal(SIGPIPE, SIG_IGN);
	if (!catch (daemon, SIGTERM, on_end, why) ||
	    !catch (daemon, SIGINT, on_end, why) ||
	    !catch (daemon, SIGHUP, on_hangup, why))
		return false;
	return daemon->captive == NULL ||
	    (catch (daemon, SIGQUIT, on_end, why) &&
		catch (daemon, SIGCHLD, on_child, why));
}

/* ---- Parts ------------------------------------------------------------- */

/* Each client is a descriptor: take as many as we may have. */
static void
raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static bool
write_pid(const char *path, struct failure *why)
{
	FILE *file = fopen(path, "we");
	bool good;

	if (file == NULL)
		return failure_set(why, "cannot write the pid file %s: %s",
		    path, strerror(errno));
	good = fprintf(file, "%ld\n", (long)getpid()) > 0;
	if (fclose(file) != 0 || !good)
		return failure_set(why, "cannot write the pid file %s: %s",
		    path, strerror(errno));
	return true;
}

static bool
open_socket(struct daemon *daemon, struct listener *listener, bool *open,
    Rmmd__Role role, const char *path, struct failure *why)
{
	/* Whether it succeeds or not, it is to be closed. */
	*open = true;
	return listener_open(listener, daemon->base, &daemon->server, role,
	    path, (unsigned)daemon->options->max_clients, why);
}

static bool
open_sockets(struct daemon *daemon, struct failure *why)
{
	const struct options *options = daemon->options;

	if (!open_socket(daemon, &daemon->host, &daemon->host_open,
		RMMD__ROLE__ROLE_HOST, options->socket, why) ||
	    !open_socket(daemon, &daemon->control, &daemon->control_open,
		RMMD__ROLE__ROLE_CONTROL, options->control, why))
		return false;
	daemon->server.socket_path = options->socket;
	daemon->server.control_path = options->control;
	return true;
}

/* Realms act between the frames of the sockets. */
static void
wake_actors(void *ctx)
{
	static const struct timeval at_once = { 0, 0 };
	struct daemon *daemon = ctx;

	evtimer_add(daemon->turn, &at_once);
}

static void
set_alarm(void *ctx, unsigned milliseconds)
{
	const struct timeval time = { milliseconds / 1000,
		milliseconds % 1000 * 1000 };
	struct daemon *daemon = ctx;

	if (!evtimer_pending(daemon->alarm, NULL))
		evtimer_add(daemon->alarm, &time);
}

static void
on_alarm(int fd, short what, void *arg)
{
	struct daemon *daemon = arg;

	(void)fd;
	(void)what;
	actors_alarm(&daemon->server.actors);
}

static void
on_turn(int fd, short what, void *arg)
{
	struct daemon *daemon = arg;

	(void)fd;
	(void)what;
	if (actors_turn(&daemon->server.actors))
		wake_actors(daemon);
}

static bool
make_machine(struct daemon *daemon, struct failure *why)
{
	struct rmm_config cfg = daemon->options->machine;
	struct role role = daemon->options->realm;

	cfg.banks = daemon->options->banks;
	cfg.num_banks = daemon->options->num_banks;
	daemon->machine =
	    machine_new(&cfg, daemon->options->rim_log_limit, why);
	if (daemon->machine == NULL)
		return false;
	if (!server_init(&daemon->server, daemon->machine, &cfg))
		return failure_set(why, "no memory for the server");
	if (role.kind != NULL) {
		if (role.script != NULL)
			script_ref(role.script);
		actors_set(&daemon->server.actors, ACTOR_ANY, ACTOR_ANY, role);
	}
	daemon->turn = evtimer_new(daemon->base, on_turn, daemon);
	daemon->alarm = evtimer_new(daemon->base, on_alarm, daemon);
	if (daemon->turn == NULL || daemon->alarm == NULL)
		return failure_set(why, "no memory for an event");
	daemon->server.actors.cpu_grace = (unsigned)daemon->options->cpu_grace;
	daemon->server.actors.wake = wake_actors;
	daemon->server.actors.alarm = set_alarm;
	daemon->server.actors.wake_ctx = daemon;
	return true;
}

static bool
start(struct daemon *daemon, struct failure *why)
{
	const struct options *options = daemon->options;

	raise_file_limit();
	log_set_level(options->log_level);
	if (options->log_file != NULL && !log_open(options->log_file, why))
		return false;
	daemon->base = event_base_new();
	if (daemon->base == NULL)
		return failure_set(why, "cannot make an event loop");
	if (!make_machine(daemon, why) || !catch_signals(daemon, why) ||
	    !open_sockets(daemon, why))
		return false;
	if (options->pid_file != NULL) {
		if (!write_pid(options->pid_file, why))
			return false;
		daemon->pid_written = true;
	}
	if (daemon->captive != NULL &&
	    !captive_start(daemon->captive, options->run, why))
		return false;
	log_at(LOG_INFO, "%s, process %ld, serves %s and %s", PACKAGE_STRING,
	    (long)getpid(), options->socket, options->control);
	if (options->plant != NULL)
		log_at(LOG_WARN, "a defect is planted: %s", options->plant);
	/* Who has no log file to write to must be silent from here on. */
	if (daemon->daemonize->ready_fd >= 0)
		log_set_fallback(LOG_TO_NOBODY);
	daemonize_ready(daemon->daemonize);
	return true;
}

static void
end(struct daemon *daemon)
{
	size_t i;

	if (daemon->host_open)
		listener_close(&daemon->host);
	if (daemon->control_open)
		listener_close(&daemon->control);
	if (daemon->pid_written)
		unlink(daemon->options->pid_file);
	for (i = 0; i < daemon->num_signals; i++)
		event_free(daemon->signals[i]);
	if (daemon->turn != NULL)
		event_free(daemon->turn);
	if (daemon->alarm != NULL)
		event_free(daemon->alarm);
	server_release(&daemon->server);
	machine_free(daemon->machine);
	if (daemon->base != NULL)
		event_base_free(daemon->base);
}

bool
daemon_run(const struct options *options, struct daemonize *daemonize,
    struct captive *captive, struct failure *why)
{
	struct daemon daemon = {
		.options = options,
		.daemonize = daemonize,
		.captive = captive,
	};
	bool started = start(&daemon, why);

	if (started)
		event_base_dispatch(daemon.base);
	/* A host may take the end of a realm whose script failed for good. */
	if (captive != NULL && captive->status == 0 &&
	    daemon.server.actors.failed_scripts > 0)
		captive->status = CAPTIVE_SCRIPT;
	end(&daemon);
	return started;
}
