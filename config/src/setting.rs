//! What a setting is: its name, type, default, the values it takes, and how it may be changed.

/// The type of a setting's value, as Kafka's `ConfigDef.Type` has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`, in any case.
    Boolean,
    /// Any text; white space around it is dropped.
    Text,
    /// A 32-bit integer.
    Int,
    /// A 16-bit integer.
    Short,
    /// A 64-bit integer.
    Long,
    /// A 64-bit floating point number.
    Double,
    /// Texts separated by commas.
    List,
    /// The name of a Java class. Accepted for Kafka's sake; never loaded.
    Class,
    /// A secret: never shown.
    Password,
}

impl Kind {
    /// The number of the type in the protocol (KIP-569, `DescribeConfigs` from version 3).
    pub const fn code(self) -> i8 {
        match self {
            Kind::Boolean => 1,
            Kind::Text => 2,
            Kind::Int => 3,
            Kind::Short => 4,
            Kind::Long => 5,
            Kind::Double => 6,
            Kind::List => 7,
            Kind::Class => 8,
            Kind::Password => 9,
        }
    }

    /// Kafka's name of the type, as it stands in error messages.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Boolean => "BOOLEAN",
            Kind::Text => "STRING",
            Kind::Int => "INT",
            Kind::Short => "SHORT",
            Kind::Long => "LONG",
            Kind::Double => "DOUBLE",
            Kind::List => "LIST",
            Kind::Class => "CLASS",
            Kind::Password => "PASSWORD",
        }
    }
}

/// How much a setting matters to somebody who reads the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Importance {
    /// Most installations look at it.
    High,
    /// Some do.
    Medium,
    /// Hardly any.
    Low,
}

/// When a changed value takes effect (KIP-226).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Update {
    /// At the next start: shown as read-only.
    Restart,
    /// At once, on one broker or as the default of the cluster.
    Cluster,
    /// At once, on one broker only.
    Broker,
}

/// Which values of the right type are taken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    /// All.
    Any,
    /// Numbers of at least this.
    Min(i64),
    /// Numbers between these two, both included.
    Between(i64, i64),
    /// Floating point numbers between these two, both included.
    Ratio(f64, f64),
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// One of these texts, in any case.
    OneOfIgnoringCase(&'static [&'static str]),
    /// A list of these texts; it may be empty.
    Members(&'static [&'static str]),
    /// A list of these texts (of any, where none is named) that is not empty.
    SomeMembers(&'static [&'static str]),
    /// A list of non-empty texts; it may be empty.
    AnyMembers,
    /// A text that is not empty.
    NotEmpty,
    /// A compression level of gzip: 1 to 9, or -1 for the codec's own default.
    GzipLevel,
    /// `*`, or a list of `partition:broker` (KIP-73).
    ThrottledReplicas,
    /// `earliest`, `latest` or `by_duration:` with an ISO 8601 duration (KIP-932).
    AutoOffsetReset,
}

/// One row of the table of settings.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Kafka's name where Kafka has the setting.
    pub name: &'static str,
    /// The type of its value.
    pub kind: Kind,
    /// The value where none is given; `None` where there is none.
    pub default: Option<&'static str>,
    /// Which values are taken.
    pub rule: Rule,
    /// How much it matters.
    pub importance: Importance,
    /// When a change takes effect.
    pub update: Update,
    /// Accepted and shown because clients and tools expect it, without effect on this broker.
    pub idle: bool,
    /// Ours: Kafka does not know it.
    pub own: bool,
    /// What it does.
    pub doc: &'static str,
}

impl Setting {
    /// Whether its value is a secret.
    pub const fn sensitive(&self) -> bool {
        matches!(self.kind, Kind::Password)
    }
}

/// Lays out rows of the table: `Kind "name" = default, rule, importance, update, "documentation";`
/// with `none` for no default and `idle` before the documentation of a setting without effect.
macro_rules! settings {
    ($($kind:ident $name:literal = $default:tt, $rule:expr, $importance:ident, $update:ident, $($flag:ident)? $doc:literal;)*) => {
        &[$($crate::setting::Setting {
            name: $name,
            kind: $crate::setting::Kind::$kind,
            default: settings!(@default $default),
            rule: $rule,
            importance: $crate::setting::Importance::$importance,
            update: $crate::setting::Update::$update,
            idle: settings!(@idle $($flag)?),
            own: settings!(@own $($flag)?),
            doc: settings!(@doc $($flag)? $doc),
        },)*]
    };
    (@default none) => { None };
    (@default $text:literal) => { Some($text) };
    (@idle idle) => { true };
    (@idle $($other:ident)?) => { false };
    (@doc idle $doc:literal) => { concat!($doc, " No effect on this broker.") };
    (@doc $($other:ident)? $doc:literal) => { $doc };
    (@own own) => { true };
    (@own $($other:ident)?) => { false };
}
pub(crate) use settings;
