"""deploy/install and the Debian package, on a copy of this machine's files: an overlay in mount and network namespaces of its own, where nothing outside is changed.

Each test is a function whose docstring states what must hold. It needs root, and the packages that ./check installs.
"""
import glob
import json
import os
import pathlib
import pwd
import re
import resource
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

from patience import may_mount

TOP = pathlib.Path(__file__).resolve().parents[2]
PROCESSES = 2
BUYERS = 2000
# By what the web servers are asked: sessions and their cookies, bodies, keys, redirects. Plain CGI is slow.
CASES = {"nginx": ("session", "session_list", "cart", "checkout", "form"), "apache": ("session", "cart", "checkout", "form"),
         "apache-fcgid": ("session", "cart", "checkout", "form"), "apache-cgi": ("session",)}
# Mounts the copy at $1/root: files of this machine below, changes in memory above; /run is empty, as at boot.
ENTER = """set -e
mount -t tmpfs none "$1"
mkdir "$1/changed" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/changed,workdir=$1/work" "$1/root"
mount --rbind /dev "$1/root/dev"
mount -t proc proc "$1/root/proc"
mount -t tmpfs none "$1/root/run"
mkdir -m 1777 "$1/root/run/lock"
mount -t tmpfs none "$1/root/var/lib/postgresql"
mount -t tmpfs none "$1/root/etc/postgresql"
ip link set lo up
exec chroot "$1/root" "$2" "$3" "$4" "$5"
"""
# Makes a Debian of its own at $1: release $2 from the mirror $3, with the packages that deploy/install takes and the tests need. No server is started before the
# network is a namespace of its own.
FRESH = """set -e
debootstrap --variant=minbase "$2" "$1" "$3"
mount --rbind /dev "$1/dev"
mount -t proc proc "$1/proc"
printf '#!/bin/sh\\nexit 101\\n' >"$1/usr/sbin/policy-rc.d"
chmod 755 "$1/usr/sbin/policy-rc.d"
mkdir -p "$1/root/shoetopia" "$1/etc/postgresql-common/createcluster.d"
echo 'create_main_cluster = false' >"$1/etc/postgresql-common/createcluster.d/later.conf"
git ls-files | tar -cf - -T - | tar -xf - -C "$1/root/shoetopia"
chroot "$1" /root/shoetopia/deploy/install packages
DEBIAN_FRONTEND=noninteractive chroot "$1" apt-get -q -y --no-install-recommends install python3 python3-jsonschema iproute2 apache2 libapache2-mod-fcgid
mount -t tmpfs none "$1/run"
mkdir -m 1777 "$1/run/lock"
unshare -n sh -c 'ip link set lo up; exec chroot "$1" env -u CHECK_LONG /usr/bin/python3 /root/shoetopia/tests/start/install.py installed ""' sh "$1" ||
	{ tail -n 40 "$1"/var/log/postgresql/*.log >&2; exit 1; }
"""


def run_apart(spaces, script, *arguments):
    done = subprocess.run(["unshare", "-m", "-p", *spaces, "--fork", "--kill-child", "--propagation", "private", "sh", "-c", script, "sh", *arguments],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=1800, check=False, cwd=TOP)
    assert done.returncode == 0 and done.stdout.endswith("served\n"), done.stdout[-3000:] + done.stderr[-3000:]


def enter(what, argument=""):
    """Runs a function of the second half of this file on the copy."""
    folder = tempfile.mkdtemp(prefix="shoetopia-install-")
    try:
        run_apart(["-n"], ENTER, folder, sys.executable, str(pathlib.Path(__file__)), what, argument)
    finally:
        os.rmdir(folder)


def installing_makes_a_shop_that_stands_a_crowd():
    """What INSTALL.md says, twice: a shop on port 80 that serves 2,000 buyers at once; then by each of the ways under Apache, with the HTTP cases."""
    if may_mount():
        enter("installed")


def a_fresh_debian_13_serves():
    """The same, but for packages that are fetched, on a Debian 13 that debootstrap made: with its PostgreSQL 17, its nginx and its compiler."""
    if not os.environ.get("CHECK_LONG") or not may_mount():
        return
    mirror = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI)", "Component: main"], check=True, capture_output=True, text=True).stdout.split()[0]
    with tempfile.TemporaryDirectory(prefix="shoetopia-debian-") as folder:
        os.chmod(folder, 0o755)
        run_apart([], FRESH, folder, "trixie", mirror)


def pgbackrest_restores_to_a_point():
    """The commands of docs/operations.md, as they stand there: a backup while the shop sells, a restore beside it, and one in its place; then the newest state."""
    if os.environ.get("CHECK_LONG") and may_mount():
        enter("backed_up")


def the_package_serves_and_leaves_nothing():
    """dpkg-buildpackage, lintian without errors and warnings; installed as its README says it serves, and once it is purged only the database is left."""
    if not os.environ.get("CHECK_LONG") or not may_mount():
        return
    with tempfile.TemporaryDirectory(prefix="shoetopia-package-") as folder:
        os.chmod(folder, 0o755)
        source = os.path.join(folder, "shoetopia")
        subprocess.run(f"mkdir {source} && git ls-files | tar -cf - -T - | tar -xf - -C {source}", shell=True, check=True, cwd=TOP)
        for command in (["dpkg-buildpackage", "-us", "-uc", "-b"], ["sh", "-c", "lintian --allow-root --fail-on error,warning ../shoetopia_*.changes"]):
            done = subprocess.run(command, cwd=source, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        enter("packaged", glob.glob(folder + "/shoetopia_*.deb")[0])


# ---- inside ----


def answer(path, body=None):
    request = urllib.request.Request("http://127.0.0.1" + path, body, {"Content-Type": "application/json"} if body else {})
    try:
        with urllib.request.urlopen(request, timeout=10) as got:
            return got.status, got.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError as error:
        return 0, str(error)


def wait_for(what, question):
    until = time.monotonic() + 60
    while not question():
        assert time.monotonic() < until, "in vain: " + what
        time.sleep(0.1)


def settings():
    """The environment of the unit."""
    env = {}
    for line in (TOP / "deploy/systemd/shoetopia@.service").read_text(encoding="utf-8").splitlines():
        if line.startswith("Environment="):
            env.update(pair.split("=", 1) for pair in line.removeprefix("Environment=").split())
    return env


def start_program(i, user_name="www-data", program="/usr/local/bin/shoetopia"):
    """As the units do: the socket is passed as standard input, and belongs to the program's user and the web server's group."""
    user, server = pwd.getpwnam(user_name), pwd.getpwnam("www-data")
    with socket.socket(socket.AF_UNIX) as line:
        path = f"/run/shoetopia/{i}.sock"
        line.bind(path)
        os.chmod(path, 0o660)
        os.chown(path, user.pw_uid, server.pw_gid)
        line.listen(4096)
        return subprocess.Popen(["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--", program], env=settings(),
                                stdin=line)


def raise_file_limit():
    """For the program as LimitNOFILE does, as far as this machine allows it."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 65536), most))


def run_cases(server):
    """The HTTP cases over the web server, which runs now; with CHECK_LONG all that do not depend on how Apache joins headers and answers TRACE."""
    names = CASES[server]
    if os.environ.get("CHECK_LONG"):
        names = sorted({path.stem for path in (TOP / "tests/http").glob("*.case")} - (set() if server == "nginx" else {"gate", "headers"}))
    subprocess.run([str(TOP / "tests/http/run"), "--installed", "--transport", "nginx", *names], check=True)


def sign_in(name):
    """Signs up and in: hashing a password needs the folder of SHOETOPIA_RUN."""
    person = {"name": name, "email": f"{name}@example.com", "password": "a long password"}
    made = answer("/api/accounts", json.dumps(person).encode())
    assert made[0] == 201, made
    del person["name"]
    made = answer("/api/sessions", json.dumps(person).encode())
    assert made[0] == 201, made


def apache_serves(server, env):
    """deploy/install puts Apache in the place of what served before, and the shop works by it."""
    subprocess.run([str(TOP / "deploy/install"), "--no-packages", "--server", server, "--processes", str(PROCESSES), "program", "web"], check=True)
    subprocess.run(["apache2ctl", "start"], check=True)
    wait_for(f"{server} answers", lambda: answer("/api/health")[0] == 200)
    assert "Shoetopia" in answer("/")[1], answer("/")
    sign_in(server)
    run_cases(server)
    if server == "apache":
        sell(env, BUYERS)
    subprocess.run(["apache2ctl", "stop"], check=True)
    wait_for("port 80 is free", lambda: answer("/")[0] == 0)


def start_shop():
    """What deploy/install sets up, without systemd; nginx's process, and the environment of an operator's commands."""
    for i in range(PROCESSES):
        start_program(i + 1)
    nginx = subprocess.Popen(["nginx", "-g", "daemon off;"])
    wait_for("the shop answers", lambda: answer("/api/health")[0] == 200)
    assert "Shoetopia" in answer("/")[1], answer("/")
    assert answer("/api/listings")[0] == 200
    sign_in("ada")
    database = {"PGHOST": "/run/postgresql", "PGPORT": "5432", "PGDATABASE": "shoetopia", "PGUSER": "shoetopia_owner"}
    env = {**os.environ, **database, "SHOETOPIA_STATE": "/run/state"}
    os.makedirs("/run/state/app/bin")
    os.symlink("/usr/local/bin/shoetopia", "/run/state/app/bin/shoetopia")
    with open("/run/state/env", "w", encoding="ascii") as file:  # build/storm looks there
        file.write("# As ./start writes it.\n" + "".join(f"export {name}='{value}'\n" for name, value in {**database, "SHOETOPIA_URL": "http://127.0.0.1:80"}.items()))
    return nginx, env


def sell(env, buyers):
    subprocess.run([str(TOP / "build/storm"), "--buyers", str(buyers), "--pairs", "100", "--discounts", "10"], env=env, check=True)


def installed(_):
    raise_file_limit()
    site = pathlib.Path("/etc/nginx/conf.d/shoetopia.conf")
    subprocess.run([str(TOP / "deploy/install"), "--no-packages", "--processes", str(PROCESSES)], check=True)
    written = site.read_text(encoding="utf-8")
    site.write_text("# Changed.\n" + written, encoding="utf-8")
    for _ in range(2):
        subprocess.run([str(TOP / "deploy/install"), "--processes", str(PROCESSES), "database", "program", "web"], check=True)
        assert site.read_text(encoding="utf-8") == written
        assert site.with_name("shoetopia.conf~").read_text(encoding="utf-8") == "# Changed.\n" + written
    nginx, env = start_shop()
    subprocess.run(["shoetopia", "--grant-admin", "ada@example.com"], env=env, check=True)
    sell(env, BUYERS)
    subprocess.run(["shoetopia", "--audit"], env=env, check=True)
    run_cases("nginx")
    nginx.terminate()
    nginx.wait(60)
    for server in ("apache", "apache-fcgid", "apache-cgi"):
        apache_serves(server, env)
    print("served", flush=True)
    os._exit(0)  # the namespace of processes ends with this one, and all that was started in it


# systemd does not run here. The blocks of the page name the version that they find.
SYSTEMCTL = """set -eu
systemctl() {
	case $* in
	*" postgresql") pg_ctlcluster "$version" main "$1" ;;
	*) ;;
	esac
}
"""


def block_of_operations(words, point=""):
    """Runs the block of commands in docs/operations.md that holds the words, as it stands but for its point in time, "" for the newest state; what it prints."""
    blocks = re.findall(r"^```\n(.*?)^```$", (TOP / "docs/operations.md").read_text(encoding="utf-8"), re.M | re.S)
    block, = [block for block in blocks if words in block]
    block = re.sub("^point=.*$", f"point='{point}'", block, flags=re.M)
    if not point:
        block = block.replace(' --type=time --target="$point" --target-action=promote', "")
    done = subprocess.run(["bash", "-c", SYSTEMCTL + block], stdout=subprocess.PIPE, text=True, check=False)
    print(done.stdout, flush=True)
    assert done.returncode == 0, words
    return done.stdout


def backed_up(_):
    raise_file_limit()
    subprocess.run([str(TOP / "deploy/install"), "--no-packages", "--processes", str(PROCESSES)], check=True)
    _, env = start_shop()

    def ask(query, port="5432"):
        return subprocess.run(["psql", "-XqAt", "-c", query], env=env | {"PGPORT": port}, check=True, capture_output=True, text=True).stdout.strip()

    sell(env, 200)
    block_of_operations("stanza-create")
    wait_for("the shop sells again", lambda: answer("/api/health")[0] == 200)
    sell(env, 200)
    point, sold = ask("select clock_timestamp()"), ask("select count(*), max(order_id) from market.orders")
    sell(env, 200)
    subprocess.run(["runuser", "-u", "postgres", "--", "psql", "-Xqc", "select pg_switch_wal()"], check=True, cwd="/")
    later = ask("select count(*), max(order_id) from market.orders")
    assert sold.startswith("200|") and later.startswith("300|"), (sold, later)
    block_of_operations("/srv/restored", point)
    assert ask("select count(*), max(order_id) from market.orders") == later, "the practice changed the shop"
    block_of_operations("$version/before", point)
    assert ask("select count(*), max(order_id) from market.orders") == sold
    wait_for("the shop sells again", lambda: answer("/api/health")[0] == 200)
    sell(env, 200)
    subprocess.run(["runuser", "-u", "postgres", "--", "pgbackrest", "--stanza=shoetopia", "check"], check=True, cwd="/")  # the new time line is archived
    newest = ask("select count(*), max(order_id) from market.orders")
    block_of_operations("$version/before")
    assert ask("select count(*), max(order_id) from market.orders") == newest and newest.startswith("300|"), newest
    print("served", flush=True)
    os._exit(0)


def files():
    """All files of packages' folders, and of /etc."""
    found = subprocess.run(["find", "/usr", "/etc", "-xdev", "-not", "-type", "d", "-not", "-path", "/etc/ld.so.cache"], check=True,
                           capture_output=True, text=True)
    return set(found.stdout.split("\n"))


README = """set -e
version=$(ls /usr/lib/postgresql | sort -n | tail -n 1)
pg_createcluster $version main
conf=/etc/postgresql/$version/main
sed -n '/pg_ident.conf$/,/^   and/p' /usr/share/doc/shoetopia/README.Debian | grep '^       ' >>$conf/pg_ident.conf
{ sed -n '/pg_hba.conf$/,/^   Then/p' /usr/share/doc/shoetopia/README.Debian | grep '^       ' | sed 's/^ *//'; cat $conf/pg_hba.conf; } >/run/hba && cp /run/hba $conf/pg_hba.conf
pg_ctlcluster $version main start
runuser -u postgres -- psql -X -q -d postgres -f /usr/share/shoetopia/schema/roles.sql >/dev/null
PGHOST=/run/postgresql PGDATABASE=shoetopia PGUSER=shoetopia_owner shoetopia --migrate
"""


def packaged(package):
    raise_file_limit()
    before = files()
    subprocess.run(["dpkg", "-i", package], check=True)
    subprocess.run(["systemd-tmpfiles", "--create", "/usr/lib/tmpfiles.d/shoetopia.conf"], check=True)
    subprocess.run(["sh", "-c", README], check=True)
    subprocess.run(["systemctl", "enable", "shoetopia@1.socket"], check=True)
    assert os.path.lexists("/etc/systemd/system/sockets.target.wants/shoetopia@1.socket")
    programs = [start_program(i + 1, "shoetopia", "/usr/bin/shoetopia") for i in range(PROCESSES)]
    site = re.search("^3[.].*?(^ {7}.*?)^   [A-Z]", pathlib.Path("/usr/share/doc/shoetopia/README.Debian").read_text(encoding="utf-8"), re.M | re.S)[1]
    subprocess.run(["bash", "-c", SYSTEMCTL + site], check=True)
    subprocess.Popen(["nginx", "-g", "daemon off;"])
    wait_for("the shop answers", lambda: answer("/api/health")[0] == 200)
    assert "Shoetopia" in answer("/")[1], answer("/")
    for program in programs:
        program.terminate()
        program.wait(60)
    subprocess.run(["dpkg", "-P", "shoetopia"], check=True)
    for path in ("conf.d/shoetopia.conf", "modules-enabled/90-shoetopia.conf", "shoetopia-program.conf", "shoetopia-problem.conf"):
        pathlib.Path("/etc/nginx", path).unlink()  # the operator's
    left = {path for path in files() - before if not re.match("/etc/(postgresql/|(passwd|shadow|group|gshadow|subuid|subgid)-$)", path)}
    assert not left, left
    print("served", flush=True)
    os._exit(0)


TESTS = (installing_makes_a_shop_that_stands_a_crowd, a_fresh_debian_13_serves, pgbackrest_restores_to_a_point, the_package_serves_and_leaves_nothing)

if __name__ == "__main__":
    {"installed": installed, "packaged": packaged, "backed_up": backed_up}[sys.argv[1]](sys.argv[2])
