#include "db/hosts.h"

#include <glib.h>
#include <stdatomic.h>

#include "db/clock.h"

struct hosts {
	char **names;
	char **ports; /* one for all, one for each, or none */
	unsigned n;
};

/* PGHOST as a list; as a list of one, which libpq reads by itself, if other variables need that. */
static void
hosts_read(struct hosts *hosts)
{
	const char *names = g_getenv("PGHOST");
	const char *ports = g_getenv("PGPORT");
	unsigned n_ports;

	hosts->names = g_strsplit(names == NULL ? "" : names, ",", -1);
	hosts->ports = g_strsplit(ports == NULL ? "" : ports, ",", -1);
	hosts->n = g_strv_length(hosts->names);
	n_ports = g_strv_length(hosts->ports);
	if (hosts->n < 2 || (n_ports > 1 && n_ports != hosts->n) ||
		g_getenv("PGHOSTADDR") != NULL || g_getenv("PGTARGETSESSIONATTRS") != NULL)
		hosts->n = 1;
}

static void
hosts_clear(struct hosts *hosts)
{
	g_strfreev(hosts->names);
	g_strfreev(hosts->ports);
}

static struct conn_address
hosts_at(const struct hosts *hosts, unsigned i)
{
	unsigned n_ports = g_strv_length(hosts->ports);

	if (hosts->n == 1)
		return (struct conn_address){ 0 };
	return (struct conn_address){
		.host = hosts->names[i],
		.port = n_ports == 0 ? NULL : hosts->ports[n_ports == 1 ? 0 : i],
	};
}

struct conn *
hosts_open(int64_t deadline, enum conn_use use, int lock_ms, char **why)
{
	static atomic_uint last[CONN_USES];
	unsigned first = atomic_load(&last[use]);
	struct hosts hosts;
	struct conn *conn = NULL;
	g_autoptr(GString) said = g_string_new(NULL);

	hosts_read(&hosts);
	for (unsigned i = 0; i < hosts.n && conn == NULL; i++) {
		unsigned at = (first + i) % hosts.n;
		int64_t now = clock_ms();
		struct conn_address address = hosts_at(&hosts, at);
		g_autofree char *reason = NULL;

		conn = conn_open(
			now + (deadline - now) / (hosts.n - i), use, lock_ms, &address, &reason);
		if (conn != NULL)
			atomic_store(&last[use], at);
		else if (address.host == NULL)
			g_string_append(said, reason);
		else
			g_string_append_printf(
				said, "%s%s: %s", i == 0 ? "" : "; ", address.host, reason);
	}
	hosts_clear(&hosts);
	if (conn == NULL)
		*why = g_string_free(g_steal_pointer(&said), FALSE);
	return conn;
}
