//! The paths that a source names, in `use` declarations and in expressions, from the crate's root.

/// Every path of two segments or more with its line; `use` trees are unfolded, `super` and `self` resolved by the file's place.
/// The code must be free of comments and strings.
pub fn of(file: &str, code: &str) -> Vec<(usize, Vec<String>)> {
    let tokens = tokens(code);
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let starts = tokens[at].word && (at == 0 || !tokens[at - 1].text.ends_with("::"));
        if starts {
            at = unfold(&tokens, at, &mut Vec::new(), &mut found).max(at + 1);
        } else {
            at += 1;
        }
    }
    found
        .into_iter()
        .filter(|(_, path)| path.len() > 1)
        .map(|(line, path)| (line, absolute(file, path)))
        .collect()
}

struct Token<'a> {
    text: &'a str,
    line: usize,
    word: bool,
}

fn tokens(code: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    for (number, line) in (1..).zip(code.lines()) {
        let mut rest = line;
        while let Some(c) = rest.chars().next() {
            let is_word = |c: char| c.is_alphanumeric() || c == '_';
            let length = if is_word(c) {
                rest.find(|c| !is_word(c)).unwrap_or(rest.len())
            } else if rest.starts_with("::") {
                2
            } else {
                c.len_utf8()
            };
            if !c.is_whitespace() {
                tokens.push(Token { text: &rest[..length], line: number, word: is_word(c) });
            }
            rest = &rest[length..];
        }
    }
    tokens
}

/// Reads one path, or one tree of paths, from a word or a brace on; gives the index behind it.
fn unfold(
    tokens: &[Token<'_>],
    mut at: usize,
    prefix: &mut Vec<String>,
    found: &mut Vec<(usize, Vec<String>)>,
) -> usize {
    let depth = prefix.len();
    let line = tokens[at].line;
    loop {
        let text = tokens.get(at).map_or("", |t| t.text);
        if text == "{" && !prefix.is_empty() {
            at += 1;
            while at < tokens.len() && tokens[at].text != "}" {
                let next = if tokens[at].word || tokens[at].text == "{" {
                    unfold(tokens, at, prefix, found)
                } else {
                    at + 1
                };
                at = next.max(at + 1);
            }
            prefix.truncate(depth);
            return at + 1;
        }
        if !tokens.get(at).is_some_and(|t| t.word) {
            break;
        }
        prefix.push(text.to_owned());
        at += 1;
        if tokens.get(at).is_some_and(|t| t.text == "::") {
            at += 1;
        } else {
            break;
        }
    }
    found.push((line, prefix.clone()));
    prefix.truncate(depth);
    at
}

/// Replaces leading `self` and `super` by the module that the file is.
fn absolute(file: &str, path: Vec<String>) -> Vec<String> {
    if path[0] != "self" && path[0] != "super" {
        return path;
    }
    let Some((_, inside)) = file.split_once("/src/") else { return path };
    let mut module: Vec<&str> = inside.trim_end_matches(".rs").split('/').collect();
    if matches!(module.last(), Some(&"mod" | &"lib" | &"main")) {
        module.pop();
    }
    let climbs = path.iter().take_while(|s| *s == "super" || *s == "self").count();
    for _ in path.iter().take(climbs).filter(|s| *s == "super") {
        module.pop();
    }
    std::iter::once("crate").chain(module).map(str::to_owned).chain(path.into_iter().skip(climbs)).collect()
}
