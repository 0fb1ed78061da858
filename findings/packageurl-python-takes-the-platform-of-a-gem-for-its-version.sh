#!/bin/sh
# packageurl-python 0.17.6 (Python), seen 2026-12-01.
#
# Makes a purl of the address of a package, and the other way round. Of `nokogiri-1.15.0-x86_64-linux.gem` the package
# is `nokogiri-1.15.0-x86_64` in the version `linux`. Of `pkg:gem/nokogiri@1.15.0?platform=x86_64-linux`, the address
# is that of the file without a platform, which is another one, to be compiled. Of a Git address with `#v1.2`, the
# purl has no version, where `/archive/v1.2.tar.gz` has one.
#
# One would have guessed that both ways agree with the definition of purl, whose example for a gem has `platform` as a
# qualifier. It matters to an SBOM that is made of what a Dockerfile fetches: a name that no advisory has is never
# affected, and an address or a checksum is compared with another file.
set -eu
. "$(dirname "$0")/common"

pip_install packageurl-python==0.17.6

# The address of a purl with the words of a `sed` command applied, or the purl of what that gives.
address() {
    python3 -c '
import sys
from packageurl.contrib.purl2url import get_download_url
print(get_download_url(sys.argv[1]))' "$1" | sed "$2"
}
purl() {
    address "$1" "$2" | python3 -c '
import sys
from packageurl.contrib.url2purl import get_purl
print(get_purl(sys.stdin.read().strip()))'
}
gem=pkg:gem/nokogiri@1.15.0

expect 'a gem' "$gem" "$(purl $gem '')"
expect 'with a platform' 'pkg:gem/nokogiri-1.15.0-x86_64@linux' "$(purl $gem 's/[.]gem$/-x86_64-linux.gem/')"
expect 'the other way' 'nokogiri-1.15.0.gem' "$(address "$gem?platform=x86_64-linux" 's|.*/||')"
expect 'an archive' 'pkg:github/team/shop@v1.2' "$(purl pkg:github/team/shop@v1.2 '')"
expect 'Git' 'pkg:github/team/shop' "$(purl pkg:github/team/shop@v1.2 's|/archive/.*|.git#v1.2|')"
