#!/bin/sh
# gemfileparser 0.8.0 (Python), seen 2026-12-01.
#
# Of `gem "shop", github: "team/shop", branch: "main"` in a Gemfile, the dependency has the name `github`, and `shop`
# is nowhere. So it is with each option in the newer form of Ruby that stands before the last one, and with an
# `install_if:` or `platforms:`: the name becomes `git`, `tag` or `platforms`. With one option only, or in the form
# `:github => …`, the name is right. A version on a line of its own is lost, and `gem("shop")` is no dependency.
#
# One would have guessed that the first text is the name. The library's own text says that it is for Gemfiles, and
# both forms mean the same to Bundler. It matters to a list of what an image needs: there are packages in it that
# somebody else may have under such a name, and those that come from a place of one's own are missing.
set -eu
. "$(dirname "$0")/common"

pip_install gemfileparser==0.8.0

# The names and versions in a Gemfile with the text given.
dependencies() {
    printf '%s\n' "$1" > "$dir/Gemfile"
    python3 -c '
import sys, gemfileparser
groups = gemfileparser.GemfileParser(sys.argv[1]).parse()
print("; ".join(" ".join([one.name, *one.requirement]) for group in groups.values() for one in group))' "$dir/Gemfile"
}

expect 'a version' 'shop ~> 1.0' "$(dependencies 'gem "shop", "~> 1.0"')"
expect 'one option' 'shop' "$(dependencies 'gem "shop", path: "lib/shop"')"
expect 'two options' 'github' "$(dependencies 'gem "shop", github: "team/shop", branch: "main"')"
expect 'two options, the older form' 'shop' "$(dependencies 'gem "shop", :github => "team/shop", :branch => "main"')"
expect 'a list' 'platforms 1.0' "$(dependencies 'gem "shop", "1.0", platforms: [:mri, :windows]')"
expect 'two lines' 'shop' "$(dependencies 'gem "shop",
  "~> 1.0"')"
expect 'brackets' '' "$(dependencies 'gem("shop", "1.0")')"
