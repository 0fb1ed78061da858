//! Sources with wildcards.

use dockerignore::filepath::{clean, has_wildcard};

use crate::context::SourceStatus;
use crate::knowledge::{OUTPUT_FOLDERS, WRITTEN_ENDINGS};
use crate::rules::Cx;
use crate::semantic::{BuildContext, CopyFrom, SourceKind};

use super::source::{at_source, result};

/// `copy-matches-nothing`.
pub fn matches_nothing(cx: &mut Cx<'_>) {
    let model = cx.model;
    let Some(context) = model.context() else { return };
    let copies = || model.copies_made().filter(|(_, c, _)| c.from == CopyFrom::Context && !c.mount);
    // A folder that holds none of the sources, nor anything of their kind, is not the context of this file, unless
    // somebody says that it is.
    let mut sources = copies().flat_map(|(_, c, _)| c.sources.iter().map(move |s| (c, s)));
    let is_real = sources.any(|(copy, source)| {
        let named = source.value.known().is_some_and(|path| !has_wildcard(path) && !is_root(path));
        named && result(model, copy, source).is_some_and(|r| r.status == SourceStatus::Found)
            || source.value.known().is_some_and(|pattern| has_like(context, pattern))
    });
    if !is_real && !context.is_said {
        return;
    }
    for (_, copy, stage) in copies() {
        let nothing = !copy.sources.is_empty()
            && copy.sources.iter().all(|source| {
                let pattern = source.value.known().filter(|p| has_wildcard(p) && !p.contains('\\'));
                source.kind == SourceKind::Path
                    && pattern.is_some()
                    && result(model, copy, source).is_some_and(|r| r.status == SourceStatus::Missing)
            });
        if !stage.reachable || !nothing || !model.instruction(copy.step).heredocs.is_empty() {
            continue;
        }
        let meant = copy.sources.iter().find(|s| s.value.known().is_some_and(is_meant));
        let Some((source, pattern)) = meant.and_then(|s| Some((s, s.value.known()?))) else { continue };
        let effect = match model.build().builder {
            builder if builder.is_buildkit() => "BuildKit silently copies nothing",
            _ => "the build fails",
        };
        let message = format!("`{pattern}` matches nothing in the build context, so {effect}");
        let help = "check the name: a missing source fails the build only if it has no wildcards";
        cx.report(at_source(cx, source.span, copy, stage, message).help(help));
    }
}

/// True if a file of the root has the ending that a pattern for the root asks for.
fn has_like(context: &BuildContext, pattern: &str) -> bool {
    let ending = |name: &str| name.rsplit_once('.').map(|(_, ending)| ending.to_owned());
    let Some(own) = ending(pattern).filter(|_| !pattern.trim_start_matches("./").contains('/')) else {
        return false;
    };
    let plain = !has_wildcard(&own) && has_wildcard(pattern);
    plain && context.scan.per_top.iter().any(|top| !top.folder && ending(&top.name).as_ref() == Some(&own))
}

fn is_root(path: &str) -> bool {
    matches!(path.trim_matches('/'), "" | ".")
}

/// True for a pattern of files that a repository holds; false for what may be made before the build (wheels
/// outside of the folders of builds were put there to be copied), and for one that stands for a file which need not
/// be there: `yarn.lock*`, `.npmr[c]`.
fn is_meant(pattern: &str) -> bool {
    let pattern = clean(&format!("/{pattern}"));
    let (folders, name) = pattern.rsplit_once('/').unwrap_or(("", &pattern));
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    !folders.split('/').any(|folder| OUTPUT_FOLDERS.contains(&folder))
        && !name.starts_with('.')
        && (WRITTEN_ENDINGS.contains(&ending) || ending == "whl")
        && !matches!(ending, "lock" | "tmpl" | "template")
}

#[cfg(test)]
mod tests {
    use super::is_meant;

    #[test]
    fn patterns_may_be_meant_to_match_nothing() {
        for pattern in ["*.py", "./conf/*.yaml", "requirements-*.txt", "src/?.go", "*.whl"] {
            assert!(is_meant(pattern), "{pattern}");
        }
        for pattern in
            ["yarn.lock*", "*.lock", ".env*", "dist/*.js", "*.jar", "src/*", "package.jso[n]", "dist/*.whl"]
        {
            assert!(!is_meant(pattern), "{pattern}");
        }
    }
}
