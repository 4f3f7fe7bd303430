#!/bin/sh
# Say which parts of the tests this machine cannot run, and the line that changes it. Never stops the tests.
set -u
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null ||
    echo "without chromium the tests in a browser are skipped: apt-get install chromium" >&2
locale -a 2>/dev/null | grep -qi '^de_AT\.utf-\{0,1\}8$' ||
    echo "without the locale de_AT.UTF-8 its tests are skipped: apt-get install locales &&" \
        "localedef -i de_AT -f UTF-8 de_AT.UTF-8" >&2
command -v rsync >/dev/null ||
    echo "without rsync the test of publishing on one's own server is skipped: apt-get install rsync" >&2
PATH="$PATH:/usr/sbin" command -v nginx >/dev/null ||
    echo "without nginx the test of a server's headers is skipped: apt-get install nginx" >&2
exit 0
