"""Node modules of a suite, installed into its build folder as its package-lock.json says."""
import filecmp
import os
import shutil
import subprocess


def install_modules(here, folder):
    """Installs the modules of the suite in `here` into `folder`, unless they are there; returns its absolute path."""
    installed = os.path.join(folder, "installed.json")  # the lock that they were installed from
    wanted = os.path.join(here, "package-lock.json")
    if not os.path.exists(installed) or not filecmp.cmp(wanted, installed, shallow=False):
        os.makedirs(folder, exist_ok=True)
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(os.path.join(here, name), folder)
        subprocess.run(["npm", "ci", "--loglevel=error"], cwd=folder, check=True)
        shutil.copy(wanted, installed)
    return os.path.abspath(folder)
