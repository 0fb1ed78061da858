//! The walk itself: the only place of this room that touches the disk.

mod folder;
mod leaf;
mod links;
mod probe;
mod tallies;

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use crate::ignorefile::{IgnoreFile, Matcher};

use super::largest::lossy;
use super::model::{
    Detail, Notable, QueryResult, Scan, ScanRequest, SourceQuery, SourceResult, SourceStatus, Tally,
};
use super::notable::KINDS;
use super::progress::Progress;
use super::sources::{Plan, PlanMatchers, rooted};
use folder::{Cover, Folder};
use tallies::{HardLinks, SourceTally, Tallies, Top};

/// Walks the context once, on all threads of rayon's pool, and answers the request. Links are never
/// followed by the walk and nothing but suspected secrets is opened; what vanishes on the way is no
/// error, and what cannot be read is a warning.
///
/// # Errors
/// If the root cannot be read at all.
pub fn scan(request: &ScanRequest<'_>) -> io::Result<Scan> {
    let entries = std::fs::read_dir(&request.root)?;
    drop(entries);
    let nothing = IgnoreFile::default();
    let ignore = request.ignore.unwrap_or(&nothing);
    let plan = Plan::new(&request.queries, |path| links::follow(&request.root, path).into_bytes());
    let followed = followed(request);
    let threads = rayon::current_num_threads() + 1;
    let blank = || Tallies::new(ignore.patterns.len(), plan.sources.len(), request.queries.len());
    let walk = Walk {
        matcher: Matcher::new(ignore),
        include: match &followed {
            Followed::Nothing => Include::Nothing,
            Followed::All => Include::All,
            Followed::Some(file) => Include::Some(Box::new(Matcher::new(file))),
        },
        plan: &plan,
        matchers: PlanMatchers::new(&plan),
        queries: &request.queries,
        full: request.detail == Detail::Full,
        progress: request.progress,
        hard_links: HardLinks::default(),
        tallies: (0..threads).map(|_| Mutex::new(blank())).collect(),
        tops: Mutex::new(Vec::new()),
    };
    let covers: Vec<Cover> = plan.literal(b"").iter().map(|s| walk.cover(*s, 0)).collect();
    let root = Folder::root(request.root.clone(), &walk, covers);
    rayon::scope(|scope| walk.visit(root, scope));
    let mut sum = blank();
    for tallies in walk.tallies {
        sum.merge(tallies.into_inner().unwrap_or_else(PoisonError::into_inner));
    }
    for top in walk.tops.into_inner().unwrap_or_else(PoisonError::into_inner) {
        sum.top(top.entry());
    }
    sum.shrink_top();
    Ok(finish(request, &walk.matcher, &plan, sum))
}

/// What the walk shares among its threads.
struct Walk<'r> {
    matcher: Matcher<'r>,
    include: Include<'r>,
    plan: &'r Plan,
    matchers: PlanMatchers<'r>,
    queries: &'r [SourceQuery],
    full: bool,
    progress: Option<&'r Progress>,
    hard_links: HardLinks,
    tallies: Vec<Mutex<Tallies>>,
    tops: Mutex<Vec<Arc<Top>>>,
}

/// What BuildKit sends of what is kept.
enum Include<'r> {
    Nothing,
    All,
    Some(Box<Matcher<'r>>),
}

enum Followed {
    Nothing,
    All,
    Some(IgnoreFile),
}

/// The paths that BuildKit follows; a source that is the root, by name or by link, turns them off.
fn followed(request: &ScanRequest<'_>) -> Followed {
    let sources: Vec<String> = request
        .queries
        .iter()
        .filter(|q| q.reachable)
        .flat_map(|q| q.sources.iter().map(|s| rooted(s)))
        .collect();
    if sources.is_empty() {
        return Followed::Nothing;
    }
    let paths = links::follow_all(&request.root, &sources);
    if paths.iter().any(String::is_empty) {
        return Followed::All;
    }
    Followed::Some(IgnoreFile::from_patterns(paths))
}

fn finish(request: &ScanRequest<'_>, matcher: &Matcher<'_>, plan: &Plan, sum: Tallies) -> Scan {
    let mut sources: Vec<SourceTally> = sum.sources;
    for (number, source) in sources.iter_mut().enumerate() {
        // A source below a folder that was skipped, or could not be read, was never met.
        if source.kept || source.excluded.is_some() {
            continue;
        }
        let Some(planned) = plan.sources.get(number) else { continue };
        let base = String::from_utf8_lossy(&planned.base);
        if !base.is_empty() && request.root.join(base.as_ref()).symlink_metadata().is_ok() {
            let verdict = matcher.verdict(&planned.base);
            if verdict.excluded {
                source.exclude(&planned.base, verdict.by);
            } else if planned.glob.is_none() && planned.include.is_none() {
                source.kept = true;
            }
        }
    }
    let mut sources = sources.into_iter();
    let per_query = request.queries.iter().zip(sum.queries).map(|(query, (total, largest))| QueryResult {
        id: query.id,
        total,
        sources: query
            .sources
            .iter()
            .zip(sources.by_ref())
            .map(|(source, tally)| SourceResult {
                source: source.clone(),
                status: match tally.excluded {
                    _ if tally.kept || tally.total.files > 0 => SourceStatus::Found,
                    Some((_, by)) => SourceStatus::Excluded { by },
                    None => SourceStatus::Missing,
                },
                total: tally.total,
            })
            .collect(),
        largest: largest.finish(),
    });
    let per_query = per_query.collect();
    let mut notable: Vec<Notable> = KINDS
        .iter()
        .zip(sum.notable)
        .filter(|(_, tally)| tally.kept != Tally::default())
        .map(|(kind, tally)| Notable {
            name: kind.name,
            what: kind.what,
            line: kind.line(tally.deep),
            places: tally.places,
            example: tally.example.as_deref().map(lossy).unwrap_or_default(),
            kept: tally.kept,
            sent: tally.sent,
        })
        .collect();
    notable.sort_by(|a, b| (b.kept.bytes, a.name).cmp(&(a.kept.bytes, b.name)));
    Scan {
        total: sum.total,
        kept: sum.kept,
        sent: sum.sent,
        skipped_folders: sum.skipped,
        per_pattern: sum.patterns,
        per_top: sum.top_files,
        per_query,
        largest: sum.largest.finish(),
        notable,
        secrets_total: sum.secrets.total,
        secrets: sum.secrets.finish(),
        warnings_total: sum.warnings.total,
        warnings: sum.warnings.finish(),
    }
}
