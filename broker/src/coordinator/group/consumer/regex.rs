//! The language of subscriptions by regular expression: RE2's, as the `regex` crate speaks it.

use std::borrow::Cow;

use regex::bytes::{Regex, RegexBuilder};
use thalweg_proto::error::ErrorCode;

use crate::coordinator::Refusal;

/// How much memory a compiled expression may take, in bytes.
const SIZE_LIMIT: usize = 1 << 20;

/// Refuses what is no expression.
pub(super) fn check(expression: &str) -> Result<(), Refusal> {
    // Alone first: `a)(b` must not become right by what is put around it.
    let checked = build(&without_quotes(expression)).and_then(|_| whole(expression));
    checked.map(drop).map_err(|error| {
        let reason = reason(&error.to_string()).to_owned();
        let message =
            format!("SubscribedTopicRegex `{expression}` is not a valid regular expression: {reason}.");
        Refusal::new(ErrorCode::InvalidRegularExpression, message)
    })
}

/// Compiles an expression that has been checked, to be matched with whole names. Matching takes time linear in the name,
/// whatever it says.
pub(super) fn compile(expression: &str) -> Option<Regex> {
    whole(expression).ok()
}

fn whole(expression: &str) -> Result<Regex, regex::Error> {
    build(&format!(r"\A(?:{})\z", without_quotes(expression)))
}

/// Why an expression is none, in the words of RE2 where it has some for it.
fn reason(error: &str) -> &str {
    match error.lines().last().unwrap_or_default().trim_start_matches("error: ") {
        "unclosed group" => "missing closing )",
        "unopened group" => "unexpected )",
        "unclosed character class" => "missing closing ]",
        "repetition operator missing expression" => "missing argument to repetition operator",
        other => other,
    }
}

/// Names of topics are ASCII, and so are the classes of RE2.
fn build(expression: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(expression).unicode(false).size_limit(SIZE_LIMIT).build()
}

/// `\Q…\E`, which quotes what is between, is RE2's alone.
fn without_quotes(expression: &str) -> Cow<'_, str> {
    if !expression.contains(r"\Q") {
        return expression.into();
    }
    let (mut plain, mut rest) = (String::new(), expression);
    while let Some(escape) = rest.find('\\') {
        let (before, from) = rest.split_at(escape);
        plain.push_str(before);
        match from.strip_prefix(r"\Q") {
            Some(quoted) => {
                let (text, after) = quoted.split_once(r"\E").unwrap_or((quoted, ""));
                plain.push_str(&regex::escape(text));
                rest = after;
            }
            None => {
                let escaped = from.char_indices().nth(2).map_or(from.len(), |(end, _)| end);
                let (pair, after) = from.split_at(escaped);
                plain.push_str(pair);
                rest = after;
            }
        }
    }
    plain.push_str(rest);
    plain.into()
}

#[cfg(test)]
mod tests {
    use super::{check, compile};

    #[test]
    fn whole_names_are_matched_in_the_syntax_of_re2() {
        let matches = |expression: &str, name: &str| {
            check(expression).unwrap();
            compile(expression).unwrap().is_match(name.as_bytes())
        };
        assert!(matches("orders.*", "orders-eu"));
        assert!(!matches("orders", "orders-eu"));
        assert!(!matches("eu|us", "orders-eu"));
        assert!(matches("^orders$", "orders"));
        assert!(matches("(?i)ORDERS", "orders"));
        assert!(matches(r"\w+\.\d{2}", "orders.17"));
        assert!(matches(r"\Qa.b\E.*", "a.bc"));
        assert!(!matches(r"\Qa.b\E.*", "axbc"));
        assert!(!matches(r"\\Qa", "a"));
        assert!(matches(r"a\Q", "a"));
        assert!(matches("", ""));
    }

    #[test]
    fn what_is_no_expression_is_refused() {
        for expression in ["(", "a)(b", "[", "*", r"(?=a)", r"(a)\1", "a{5000}{5000}"] {
            let refusal = check(expression).unwrap_err();
            assert_eq!(refusal.code.name(), "INVALID_REGULAR_EXPRESSION", "{expression}");
            assert!(refusal.message.unwrap().contains(expression));
        }
    }
}
