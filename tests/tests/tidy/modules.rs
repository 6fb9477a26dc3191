//! Which files `mod` declarations lead to.

use std::collections::BTreeSet;

use crate::sources::{self, Source};

/// The files reached from the roots: crate roots, build scripts, test programmes, benchmarks and examples.
pub fn reachable(all: &[Source]) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut waiting: Vec<&Source> = all.iter().filter(|s| is_root(&s.path)).collect();
    while let Some(source) = waiting.pop() {
        if !reached.insert(source.path.clone()) {
            continue;
        }
        for path in declared(source) {
            waiting.extend(all.iter().filter(|s| s.path == path));
        }
    }
    reached
}

fn is_root(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        [_, "build.rs"] | [_, "src", "lib.rs" | "main.rs"] | ["tests", "bench", "main.rs"] => true,
        [_, "tests" | "benches" | "examples", file] => file.ends_with(".rs"),
        [_, "tests" | "benches" | "examples", _, "main.rs"] => true,
        _ => false,
    }
}

/// The files that the `mod name;` declarations of a source may name, `#[path = "…"]` included.
fn declared(source: &Source) -> Vec<String> {
    let (folder, file) = source.path.rsplit_once('/').unwrap_or(("", &source.path));
    let own = if is_root(&source.path) || file == "mod.rs" {
        folder.to_owned()
    } else {
        format!("{folder}/{}", file.trim_end_matches(".rs"))
    };
    let code = sources::without_comments_and_strings(&source.text);
    let mut files = Vec::new();
    for line in code.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        if let Some(at) = words.iter().position(|w| *w == "mod")
            && let Some(name) = words.get(at + 1).and_then(|w| w.strip_suffix(';'))
        {
            files.push(format!("{own}/{name}.rs"));
            files.push(format!("{own}/{name}/mod.rs"));
        }
    }
    for line in source.text.lines().filter_map(|l| l.trim().strip_prefix("#[path = \"")) {
        files.push(format!("{folder}/{}", line.trim_end_matches("\"]")));
    }
    files
}
