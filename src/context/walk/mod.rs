//! The walk itself: the only place of this room that touches the disk.

mod flips;
mod folder;
mod groups;
mod leaf;
mod links;
mod probe;
mod tallies;

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use dockerignore::filepath::has_wildcard;
use dockerignore::{IgnoreFile, Matcher};

use super::changes::{Change, ChangeQuery};
use super::largest::lossy;
use super::model::{
    Detail, ListedFile, Notable, Scan, ScanRequest, SourceQuery, SourceStatus, Tally, ViewsRequest,
};
use super::notable::KINDS;
use super::progress::Progress;
use super::sources::{Member, Plan, PlanMatchers, rooted};
use super::views::{Grouped, Linked, Sent, View, Views};
use crate::text::Arrange;
use crate::tree::{Kind, Tree};
use folder::Folder;
use groups::Groups;
use links::{Links, Trace};
use tallies::{HardLinks, Tallies, Top};

pub use flips::flips;
pub(super) use tallies::{GroupTally, MOST, Overlap, QUERY_TOP, SourceTally};

/// Walks the context once, on all threads of rayon's pool, and answers the request. Links are never
/// followed by the walk and nothing but suspected secrets is opened; what vanishes on the way is no
/// error, and what cannot be read is a warning.
///
/// # Errors
/// If the root cannot be read at all.
pub fn scan(request: &ScanRequest<'_>) -> io::Result<Scan> {
    scan_changes(request, &ChangeQuery::default()).map(|(scan, _)| scan)
}

/// The same, and which of the queries take something of the files that change, in the order of their paths.
///
/// # Errors
/// If the root cannot be read at all.
pub fn scan_changes(request: &ScanRequest<'_>, change: &ChangeQuery) -> io::Result<(Scan, Vec<Change>)> {
    let (views, changes, _) = walk(&request.into(), change, false)?;
    Ok((views.view(0), changes))
}

/// The same as [`scan`], and the files that the queries take, by path.
///
/// # Errors
/// If the root cannot be read at all.
pub fn scan_files(request: &ScanRequest<'_>) -> io::Result<(Scan, Vec<ListedFile>)> {
    let (views, _, files) = walk(&request.into(), &ChangeQuery::default(), true)?;
    Ok((views.view(0), files))
}

/// Which of the queries take something of the files that change, and the files that they take, by path, in one walk.
///
/// # Errors
/// If the root cannot be read at all.
pub fn scan_changes_and_files(
    request: &ScanRequest<'_>,
    change: &ChangeQuery,
) -> io::Result<(Vec<Change>, Vec<ListedFile>)> {
    walk(&request.into(), change, true).map(|(_, changes, files)| (changes, files))
}

/// The same for many Dockerfiles of one context, in one walk.
///
/// # Errors
/// If the root cannot be read at all.
pub fn scan_views(request: &ViewsRequest<'_>) -> io::Result<Views> {
    walk(request, &ChangeQuery::default(), false).map(|(views, ..)| views)
}

fn walk(
    request: &ViewsRequest<'_>,
    change: &ChangeQuery,
    lists: bool,
) -> io::Result<(Views, Vec<Change>, Vec<ListedFile>)> {
    let tree = request.tree;
    // What differs from the disk is known by paths without links.
    let real = tree.differences().map(|_| tree.real(&request.root)).transpose()?;
    let root = real.as_deref().unwrap_or(&request.root);
    match real {
        Some(_) => drop(tree.entries(root)?),
        None => drop(std::fs::read_dir(root)?),
    }
    if let Some(progress) = request.progress {
        progress.walk();
    }
    let nothing = IgnoreFile::default();
    let ignore = request.ignore.unwrap_or(&nothing);
    let (plan, views, changed) = plan((tree, root), &request.views, change);
    let threads = rayon::current_num_threads() + 1;
    let blank = || Tallies::new(ignore.patterns().len(), plan.sources);
    let walk = Walk {
        matcher: Matcher::new(ignore),
        plan: &plan,
        matchers: PlanMatchers::new(&plan),
        groups: Groups::new(plan.sources),
        sends_all: views.iter().any(|v| matches!(v.sent, Sent::All)),
        lists,
        full: request.detail == Detail::Full,
        progress: request.progress,
        tree,
        hard_links: HardLinks::default(),
        tallies: (0..threads).map(|_| Mutex::new(blank())).collect(),
        tops: Mutex::new(Vec::new()),
    };
    let first = Folder::root(root.to_path_buf(), &walk);
    rayon::scope(|scope| walk.visit(first, scope));
    let mut sum = blank();
    for tallies in walk.tallies {
        sum.merge(tallies.into_inner().unwrap_or_else(PoisonError::into_inner));
    }
    for top in walk.tops.into_inner().unwrap_or_else(PoisonError::into_inner) {
        sum.top(top.entry());
    }
    sum.shrink_top();
    let known = status((tree, root), &walk.matcher, &plan, &mut sum);
    let files = std::mem::take(&mut sum.files);
    let mut tallies = std::mem::take(&mut sum.groups).into_iter();
    let groups = walk.groups.finish().into_iter();
    let groups = groups.map(|members| Grouped { members, tally: tallies.next().flatten() }).collect();
    let overlaps = walk.hard_links.overlaps();
    let linked = linked((tree, root), &walk.matcher, &views);
    let views =
        Views::new(shared(sum), views, groups, plan.members.len(), known, overlaps).with_links(linked);
    let changes = changes((tree, root), (&walk.matcher, &walk.matchers), &views, change, &changed);
    let files = views.listed(files);
    Ok((views, changes, files))
}

/// The sources that are links, or go through one. BuildKit needs the link itself, and what it leads to.
fn linked(root: Root<'_>, matcher: &Matcher<'_>, views: &[View]) -> HashMap<String, Linked> {
    let mut found = HashMap::new();
    let queries = views.iter().flat_map(|v| &v.queries).map(|(query, _)| query).filter(|q| !q.parents);
    for source in queries.flat_map(|q| &q.sources).filter(|s| !has_wildcard(s)) {
        let path = rooted(source);
        if path.is_empty() || found.contains_key(source) {
            continue;
        }
        if let Some(link) = links::link_of(root, &path) {
            let verdict = matcher.verdict(link.path.as_bytes());
            let excluded = verdict.is_excluded().then(|| verdict.pattern());
            found.insert(source.clone(), Linked { link, excluded });
        }
    }
    found
}

/// What became of each changed path.
fn changes(
    root: Root<'_>,
    matchers: (&Matcher<'_>, &PlanMatchers<'_>),
    views: &Views,
    change: &ChangeQuery,
    changed: &[u32],
) -> Vec<Change> {
    if change.paths.is_empty() {
        return Vec::new();
    }
    let (ignore, matchers) = matchers;
    let askers = views.askers();
    // What a source reaches by its links changes as well, and the links do.
    let traced = (0u32..).zip(&askers).filter_map(|(member, askers)| {
        let trace = Trace::of(root, views.source_of(*askers.first()?)?);
        (!trace.is_empty()).then_some((member, trace))
    });
    let traced: Vec<(u32, Trace)> = traced.collect();
    let one = |(path, member): (&String, &u32)| {
        let (mut status, mut taken) = views.change(*member, &askers);
        let place = links::follow_parent(root, path);
        if status == SourceStatus::Missing {
            let verdict = ignore.verdict(place.as_bytes());
            if verdict.is_excluded() {
                status = SourceStatus::Excluded { by: verdict.pattern() };
            } else {
                let takers = matchers.takers_of_deleted(place.as_bytes(), path.ends_with('/'));
                taken = views.taken(takers.into_iter().map(|m| (m, None)), &askers);
            }
        } else if status == SourceStatus::Found && !views.has_files(*member) && is_folder(root, &place) {
            let takers = matchers.takers_of_empty(place.as_bytes());
            taken = views.taken(takers.into_iter().map(|m| (m, None)), &askers);
        }
        if !matches!(status, SourceStatus::Excluded { .. }) {
            let through = traced.iter().filter(|(_, trace)| trace.meets(&place));
            for more in views.taken(through.map(|(m, _)| (*m, None)), &askers) {
                if taken.iter().all(|t| t.query != more.query) {
                    taken.push(more);
                }
            }
            taken.arrange_by_key(|t| t.query);
        }
        Change { path: path.clone(), status, taken }
    };
    change.paths.iter().zip(changed).map(one).collect()
}

/// True for a folder, and not for a link to one.
fn is_folder((tree, root): Root<'_>, path: &str) -> bool {
    tree.look_at_link(&root.join(path)).is_ok_and(|look| look.kind == Kind::Folder)
}

/// The folder of the context, and the files that it is in.
type Root<'r> = (&'r Tree, &'r Path);

/// What the walk shares among its threads.
struct Walk<'r> {
    matcher: Matcher<'r>,
    plan: &'r Plan,
    matchers: PlanMatchers<'r>,
    groups: Groups,
    /// Somebody is sent all that is kept.
    sends_all: bool,
    /// The files that somebody takes are listed.
    lists: bool,
    full: bool,
    progress: Option<&'r Progress>,
    tree: &'r Tree,
    hard_links: HardLinks,
    tallies: Vec<Mutex<Tallies>>,
    tops: Mutex<Vec<Arc<Top>>>,
}

/// What to look for, and which of it each view asks for; at last the members that the changed paths are.
fn plan(root: Root<'_>, asked: &[Vec<SourceQuery>], change: &ChangeQuery) -> (Plan, Vec<View>, Vec<u32>) {
    let mut plan = Plan::default();
    let mut views: Vec<View> = asked
        .iter()
        .map(|queries| {
            let mut by_link = Vec::new();
            let queries = queries.iter().map(|query| {
                let follow = |path: &str| links::follow(root, path).into_bytes();
                let mut members: Vec<u32> =
                    query.sources.iter().map(|source| plan.source(query, source, follow)).collect();
                // A link that a wildcard hits is followed as one that is named: more members behind those of the
                // sources.
                let hit = links::hit_by_wildcards(root, query);
                members.extend(hit.iter().map(|(_, link)| plan.source(query, link, follow)));
                by_link.push(hit.into_iter().map(|(at, _)| at).collect());
                (query.clone(), members)
            });
            let queries = queries.collect();
            View { queries, by_link, sent: Sent::Nothing }
        })
        .collect();
    let changed = change
        .paths
        .iter()
        .map(|path| plan.changed(links::follow_parent(root, path).into_bytes(), &change.excludes));
    let changed = changed.collect();
    let mut links = Links::new(root);
    let mut known: HashMap<Vec<String>, Sent> = HashMap::new();
    for view in &mut views {
        let reached = view.queries.iter().map(|(query, _)| query).filter(|q| q.reachable);
        let sources: Vec<String> = reached.flat_map(|q| q.sources.iter().map(|s| rooted(s))).collect();
        view.sent =
            known.entry(sources).or_insert_with_key(|sources| sent(&mut plan, &mut links, sources)).clone();
    }
    (plan, views, changed)
}

/// The paths that BuildKit follows; a source that is the root, by name or by link, turns them off.
fn sent(plan: &mut Plan, links: &mut Links<'_>, sources: &[String]) -> Sent {
    if sources.is_empty() {
        return Sent::Nothing;
    }
    let paths = links.follow_all(sources);
    if paths.iter().any(String::is_empty) {
        return Sent::All;
    }
    Sent::Some(paths.iter().map(|path| plan.sent(path)).collect())
}

/// Whether each source is there, and if not, whether and by which pattern it is left out.
fn status((tree, root): Root<'_>, matcher: &Matcher<'_>, plan: &Plan, sum: &mut Tallies) -> Vec<SourceTally> {
    let state = |(number, planned): (u32, &Member)| {
        let mut source = sum.met.remove(&number).unwrap_or_default();
        // A source below a folder that was skipped, or could not be read, was never met.
        if source.kept || source.excluded.is_some() {
            return source;
        }
        let base = String::from_utf8_lossy(&planned.base);
        if !base.is_empty() && tree.exists(&root.join(base.as_ref())) {
            let verdict = matcher.verdict(&planned.base);
            if verdict.is_excluded() {
                source.exclude(&planned.base, verdict.pattern());
            } else if planned.glob.is_none() && planned.include.is_none() {
                source.kept = true;
            }
        }
        source
    };
    (0u32..).zip(plan.members.iter().take(plan.sources)).map(state).collect()
}

/// What is the same for all views, and the kinds of the notable things in it.
fn shared(sum: Tallies) -> (Scan, Vec<usize>) {
    let mut notable: Vec<(usize, Notable)> = KINDS
        .iter()
        .zip(sum.notable)
        .enumerate()
        .filter(|(_, (_, tally))| tally.kept != Tally::default())
        .map(|(number, (kind, tally))| {
            let notable = Notable {
                name: kind.name,
                what: kind.what,
                line: kind.line(tally.deep),
                places: tally.places,
                example: tally.example.as_deref().map(lossy).unwrap_or_default(),
                kept: tally.kept,
                sent: Tally::default(),
            };
            (number, notable)
        })
        .collect();
    notable.arrange_by(|(_, a), (_, b)| (b.kept.bytes, a.name).cmp(&(a.kept.bytes, b.name)));
    let (kinds, notable) = notable.into_iter().unzip();
    let scan = Scan {
        total: sum.total,
        kept: sum.kept,
        sent: Tally::default(),
        skipped_folders: sum.skipped,
        per_pattern: sum.patterns,
        per_top: sum.top_files,
        per_query: Vec::new(),
        largest: sum.largest.finish(),
        notable,
        secrets: Vec::new(),
        secrets_total: 0,
        warnings_total: sum.warnings.total,
        warnings: sum.warnings.finish(),
    };
    (scan, kinds)
}
