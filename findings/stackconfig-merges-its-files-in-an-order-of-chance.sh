#!/bin/sh
# stackconfig 1.1.0 (Python), seen 2026-11-30.
#
# Merges the Compose files given with `--file` by `docker stack config`, and writes a file for a stack. It makes a set
# of the names first, whose order is another one in each run of Python: `-f compose.yaml -f prod.yaml` is passed on as
# it is in one run, and the other way round in the next.
#
# One would have guessed that the files are passed on in the order in which they are given. Docker's documentation says
# that values of later files override those of earlier ones. It matters since the file that is written is valid each
# time: half of the deployments have the settings for production, and the other half those that they should replace.
set -eu
. "$(dirname "$0")/common"

pip_install stackconfig==1.1.0

cat > "$dir/compose.yaml" <<'END'
services:
  web:
    image: app:1
END
cp "$dir/compose.yaml" "$dir/prod.yaml"
# A program that stands in for Docker: it writes down the order of two files, and answers with the first.
cat > "$dir/docker" <<'END'
#!/bin/sh
[ $# -lt 6 ] || echo "$4, $6" >> "$(dirname "$0")/calls"
cat "$4"
END
chmod +x "$dir/docker"
# The orders in which two files are passed on in some runs, each with another seed of the hashes.
for seed in 1 2 3 4 5 6 7 8 9 10 11 12; do
    (cd "$dir" && PATH="$dir:$PATH" PYTHONHASHSEED=$seed python3 py/bin/stackconfig \
        -f compose.yaml -f prod.yaml -o "$dir/stack.yaml" > log 2>&1) || :
done

expect 'the runs' '12' "$(wc -l < "$dir/calls" | tr -d ' ')"
expect 'the orders' 'compose.yaml, prod.yaml; prod.yaml, compose.yaml; ' \
    "$(sort -u "$dir/calls" | sed 's/$/;/' | tr '\n' ' ')"
