#!/bin/sh
# purl2src 1.4.0 (Python), seen 2026-11-30.
#
# Gives the address from which a package can be fetched. Where a purl has a `repository_url`, the address is below it
# for Maven, and in the public registry for npm, PyPI, gems and others. A `platform` of a gem and a `file_name` of PyPI
# have no effect either: the address is that of the gem for all platforms, or of the source.
#
# One would have guessed that the address is in the repository that the purl names. The specification says of this
# qualifier that it is for a repository other than the default one, and has `platform` and `file_name` in the
# definitions of the two types. It matters to an SBOM with packages of one's own, whose sources are to be kept:
# what is fetched is another package of that name, or nothing.
set -eu
. "$(dirname "$0")/common"

pip_install purl2src==1.4.0

# Whether the address is in the repository `packages.example.com` or elsewhere, and its last part.
address() {
    python3 "$dir/py/bin/purl2src" --no-validate "$1" > "$dir/log"
    case $(sed 's/.* -> //' "$dir/log") in
        https://packages.example.com/*) printf 'there: ' ;;
        *) printf 'elsewhere: ' ;;
    esac
    sed 's|.*/||' "$dir/log"
}

query='repository_url=https://packages.example.com'
expect 'Maven' 'there: shop-1.0.jar' "$(address "pkg:maven/com.example/shop@1.0?$query")"
expect 'npm' 'elsewhere: shop-1.0.tgz' "$(address "pkg:npm/shop@1.0?$query")"
expect 'PyPI' 'elsewhere: shop-1.0.tar.gz' "$(address "pkg:pypi/shop@1.0?$query")"
expect 'a gem' 'elsewhere: shop-1.0.gem' "$(address "pkg:gem/shop@1.0?$query")"
expect 'a gem for Java' 'elsewhere: nokogiri-1.15.0.gem' "$(address 'pkg:gem/nokogiri@1.15.0?platform=java')"
expect 'a file' 'elsewhere: shop-1.0.tar.gz' "$(address 'pkg:pypi/shop@1.0?file_name=shop-1.0-py3-none-any.whl')"
