//! The language of subscriptions by regular expression: RE2's, as the `regex` crate speaks it.

use std::borrow::Cow;
use std::sync::Arc;

use regex::bytes::{Regex, RegexBuilder};
use thalweg_proto::error::ErrorCode;

use crate::coordinator::Refusal;

/// How long an expression may be, in bytes. A longer one takes more than a few ms to be read.
const LENGTH_LIMIT: usize = 16 << 10;

/// How much memory a compiled expression may take, in bytes: enough for names of topics one after the other up to the longest
/// expression. Matching takes time by it.
const SIZE_LIMIT: usize = 1 << 20;

/// An expression as a member has said it.
///
/// It is checked where it is made, since that may take some ms, and refused where a member of a group is found to want it.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    text: Arc<str>,
    fault: Option<Arc<Refusal>>,
}

impl Expression {
    /// The expression in words; those that are none at all are noticed, too.
    pub fn new(text: &str) -> Self {
        Self { text: text.into(), fault: check(text).err().map(Arc::new) }
    }

    /// The words; empty where no expression is meant.
    pub(super) fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// Refuses what is no expression, and what would take too long.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        self.fault.as_deref().map_or(Ok(()), |fault| Err(fault.clone()))
    }
}

impl From<&str> for Expression {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

fn check(expression: &str) -> Result<(), Refusal> {
    if expression.len() > LENGTH_LIMIT {
        let message = format!(
            "SubscribedTopicRegex of {} bytes is not a valid regular expression: longer than {LENGTH_LIMIT} bytes.",
            expression.len()
        );
        return Err(Refusal::new(ErrorCode::InvalidRegularExpression, message));
    }
    // Alone first: `a)(b` must not become right by what is put around it.
    let checked = build(&without_quotes(expression)).and_then(|_| whole(expression));
    checked.map(drop).map_err(|error| {
        let reason = reason(&error.to_string()).to_owned();
        let message =
            format!("SubscribedTopicRegex `{expression}` is not a valid regular expression: {reason}.");
        Refusal::new(ErrorCode::InvalidRegularExpression, message)
    })
}

/// Compiles an expression that has been checked, to be matched with whole names. Matching takes time linear in the name and in
/// the size, which is up to 25 ms for the longest name and the worst expression.
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
        other => other.trim_end_matches('.'),
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
    use super::{Expression, LENGTH_LIMIT, compile};

    #[test]
    fn whole_names_are_matched_in_the_syntax_of_re2() {
        let matches = |expression: &str, name: &str| {
            Expression::new(expression).check().unwrap();
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
            let refusal = Expression::new(expression).check().unwrap_err();
            assert_eq!(refusal.code.name(), "INVALID_REGULAR_EXPRESSION", "{expression}");
            assert!(refusal.message.unwrap().contains(expression));
        }
    }

    #[test]
    fn what_would_take_too_long_is_refused_and_a_long_list_of_names_is_not() {
        let names: Vec<String> =
            (0..500).map(|number| format!("orders-of-the-customer-{number:07}")).collect();
        let list = names.join("|");
        assert!((LENGTH_LIMIT - 1_500..=LENGTH_LIMIT).contains(&list.len()), "{}", list.len());
        Expression::new(&list).check().unwrap();
        assert!(compile(&list).unwrap().is_match(b"orders-of-the-customer-0000499"));
        for hostile in [list.repeat(8), "((a{100}){100}){100}".into(), "(a?|b?){8000}".into()] {
            let refusal = Expression::new(&hostile).check().unwrap_err();
            assert_eq!(refusal.code.name(), "INVALID_REGULAR_EXPRESSION");
            assert!(refusal.message.unwrap().len() < 200, "what is refused for its length is not repeated");
        }
    }
}
