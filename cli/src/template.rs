//! The format language of `consume -f`: a small one, in the letters that kcat and rpk share.

use std::io::{self, Write};
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use thalweg_client::Message;

/// What the help says of it.
pub const HELP: &str = "\
FORMAT stands for one record: %t topic, %p partition, %o offset, %T timestamp (ms), %k key, %v or %s value,
%h headers as name=value,…, %K length of the key, %V or %S length of the value (-1 for null), %H number of
headers, %% a percent sign; %k{hex}, %v{hex}, %k{base64}, %v{base64} encode. \\n \\r \\t \\0 \\\\ and \\xHH are
what they are in C. Without -f it is '%v\\n'.";

/// A format, parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(Vec<u8>),
    Topic,
    Partition,
    Offset,
    Timestamp,
    Key(Encoding),
    Value(Encoding),
    KeyLength,
    ValueLength,
    Headers,
    HeaderCount,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Plain,
    Hex,
    Base64,
}

impl Default for Template {
    fn default() -> Self {
        Self { parts: vec![Part::Value(Encoding::Plain), Part::Literal(vec![b'\n'])] }
    }
}

impl FromStr for Template {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut literal = Vec::new();
        let mut rest = text;
        while let Some(character) = rest.chars().next() {
            rest = rest.get(character.len_utf8()..).unwrap_or_default();
            match character {
                '\\' => literal.push(escape(&mut rest)?),
                '%' => match directive(&mut rest)? {
                    Part::Literal(bytes) => literal.extend(bytes),
                    part => {
                        if !literal.is_empty() {
                            parts.push(Part::Literal(std::mem::take(&mut literal)));
                        }
                        parts.push(part);
                    }
                },
                other => literal.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        if !literal.is_empty() {
            parts.push(Part::Literal(literal));
        }
        Ok(Self { parts })
    }
}

/// Takes what follows a backslash.
fn escape(rest: &mut &str) -> Result<u8, String> {
    let character = rest.chars().next().ok_or("a backslash at the end")?;
    *rest = rest.get(character.len_utf8()..).unwrap_or_default();
    Ok(match character {
        'n' => b'\n',
        'r' => b'\r',
        't' => b'\t',
        '0' => 0,
        '\\' => b'\\',
        'x' => {
            let digits = rest.get(..2).ok_or("\\x needs two hexadecimal digits")?;
            let byte = u8::from_str_radix(digits, 16).map_err(|_| format!("\\x{digits} is not a byte"))?;
            *rest = rest.get(2..).unwrap_or_default();
            byte
        }
        other => return Err(format!("unknown escape \\{other}")),
    })
}

/// Resolves the escapes of a separator.
pub fn unescape(text: &str) -> Result<Vec<u8>, String> {
    let template: Template = text.replace('%', "%%").parse()?;
    Ok(template.parts.into_iter().fold(Vec::new(), |mut bytes, part| {
        if let Part::Literal(literal) = part {
            bytes.extend(literal);
        }
        bytes
    }))
}

/// Takes what follows a percent sign.
fn directive(rest: &mut &str) -> Result<Part, String> {
    let letter = rest.chars().next().ok_or("a percent sign at the end; %% stands for one")?;
    *rest = rest.get(letter.len_utf8()..).unwrap_or_default();
    Ok(match letter {
        '%' => Part::Literal(vec![b'%']),
        't' => Part::Topic,
        'p' => Part::Partition,
        'o' => Part::Offset,
        'T' | 'd' => Part::Timestamp,
        'k' => Part::Key(encoding(rest)?),
        'v' | 's' => Part::Value(encoding(rest)?),
        'K' => Part::KeyLength,
        'V' | 'S' => Part::ValueLength,
        'h' => Part::Headers,
        'H' => Part::HeaderCount,
        other => return Err(format!("unknown directive %{other}")),
    })
}

fn encoding(rest: &mut &str) -> Result<Encoding, String> {
    let Some(inside) = rest.strip_prefix('{') else { return Ok(Encoding::Plain) };
    let (name, after) = inside.split_once('}').ok_or("an encoding without its closing brace")?;
    *rest = after;
    match name {
        "hex" => Ok(Encoding::Hex),
        "base64" => Ok(Encoding::Base64),
        other => Err(format!("unknown encoding {{{other}}}; known are hex and base64")),
    }
}

impl Template {
    /// Writes one message. A null key or value is empty.
    pub fn write(&self, message: &Message, output: &mut impl Write) -> io::Result<()> {
        for part in &self.parts {
            match part {
                Part::Literal(bytes) => output.write_all(bytes)?,
                Part::Topic => output.write_all(message.topic.as_bytes())?,
                Part::Partition => write!(output, "{}", message.partition)?,
                Part::Offset => write!(output, "{}", message.offset)?,
                Part::Timestamp => write!(output, "{}", message.timestamp)?,
                Part::Key(encoding) => encoding.write(message.key.as_deref(), output)?,
                Part::Value(encoding) => encoding.write(message.value.as_deref(), output)?,
                Part::KeyLength => write!(output, "{}", length(message.key.as_deref()))?,
                Part::ValueLength => write!(output, "{}", length(message.value.as_deref()))?,
                Part::HeaderCount => write!(output, "{}", message.headers.len())?,
                Part::Headers => {
                    for (index, header) in message.headers.iter().enumerate() {
                        let comma = if index == 0 { "" } else { "," };
                        write!(output, "{comma}{}=", header.key)?;
                        output.write_all(header.value.as_deref().unwrap_or(b"NULL"))?;
                    }
                }
            }
        }
        Ok(())
    }
}

impl Encoding {
    fn write(self, bytes: Option<&[u8]>, output: &mut impl Write) -> io::Result<()> {
        let bytes = bytes.unwrap_or_default();
        match self {
            Self::Plain => output.write_all(bytes),
            Self::Hex => bytes.iter().try_for_each(|byte| write!(output, "{byte:02x}")),
            Self::Base64 => output.write_all(STANDARD.encode(bytes).as_bytes()),
        }
    }
}

fn length(bytes: Option<&[u8]>) -> i64 {
    bytes.map_or(-1, |bytes| i64::try_from(bytes.len()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use thalweg_client::Header;

    #[test]
    fn every_directive_says_its_part() {
        let header = |key: &str, value: Option<&'static str>| Header {
            key: key.to_owned(),
            value: value.map(Into::into),
        };
        let message = Message {
            topic: "t".into(),
            partition: 1,
            offset: 2,
            timestamp: 3,
            key: None,
            value: Some("wörd".into()),
            headers: vec![header("a", Some("b")), header("c", None)],
        };
        let format = |text: &str| {
            let mut output = Vec::new();
            text.parse::<Template>().unwrap().write(&message, &mut output).unwrap();
            String::from_utf8(output).unwrap()
        };
        assert_eq!(format(r"%t/%p@%o %T %K %V %H\t%h %%\x41\n"), "t/1@2 3 -1 5 2\ta=b,c=NULL %A\n");
        assert_eq!(format("[%k]%v{hex}|%s{base64}"), "[]77c3b67264|d8O2cmQ=");
        for wrong in ["%", "%q", "\\", "\\q", "\\x4", "%v{rot13}", "%v{hex"] {
            assert!(wrong.parse::<Template>().is_err(), "{wrong}");
        }
        assert_eq!(unescape("\\t%k").unwrap(), b"\t%k");
    }
}
