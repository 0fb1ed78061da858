#!/bin/sh
# quicksand-image-tools 0.6.1 (Python), seen 2026-11-30.
#
# Makes the disk of a virtual machine from a Dockerfile. If there is a disk for the same Dockerfile from before, it
# takes that. It does not look at the files that the Dockerfile copies: a change to app.conf does not reach the disk. It
# does look at the sources of its own agent.
#
# One would have guessed that it asks Docker each time, whose own cache knows the files, or that what a COPY takes
# counts as well. It matters since those files are what changes most often.
set -eu
. "$(dirname "$0")/common"

pip_install quicksand-image-tools==0.6.1 quicksand-core==0.14.0

mkdir "$dir/bin" "$dir/context"
# Programs that stand in for Docker and QEMU: the disk is app.conf.
cat > "$dir/bin/docker" <<'END'
#!/bin/sh
case $1 in
build) for context; do :; done; mkdir -p "$dir/root/boot"; cp "$context/app.conf" "$dir/root/boot/vmlinuz" ;;
create) echo 1 ;;
export) tar -C "$dir/root" -cf - boot ;;
cp) case $2 in *:*) cp "$dir/root/boot/vmlinuz" "$3" ;; esac ;;
esac
END
printf '#!/bin/sh\nfor last; do file=$disk; disk=$last; done\ncp "$file" "$disk"\n' > "$dir/bin/qemu-img"
chmod +x "$dir/bin/docker" "$dir/bin/qemu-img"
printf 'FROM debian:13\nCOPY app.conf /etc/\n' > "$dir/context/Dockerfile"

# The text of the disk after app.conf has been given a text.
disk() {
    echo "$1" > "$dir/context/app.conf"
    dir="$dir" PATH="$dir/bin:$PATH" python3 -c '
import sys
from pathlib import Path
from quicksand_image_tools.build import build_image

folder = Path(sys.argv[1])
print(build_image(folder / "context/Dockerfile", cache_dir=folder / "cache").read_text().strip())' "$dir"
}

expect 'first' 'port=1' "$(disk port=1)"
expect 'changed' 'port=1' "$(disk port=2)"
echo '# a comment' >> "$dir/context/Dockerfile"
expect 'with a comment more in the Dockerfile' 'port=2' "$(disk port=2)"
