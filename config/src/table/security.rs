//! TLS, principals and authorization.

use crate::setting::{Rule, Setting, settings};

pub(super) static SETTINGS: &[Setting] = settings! {
    Text "authorizer.class.name" = "", Rule::Any, Low, Restart,
        "The authorizer. Empty allows everybody everything.";
    Long "connections.max.reauth.ms" = "0", Rule::Any, Medium, Restart,
        "The time, in ms, after which a client must authenticate again; 0 never.";
    Long "delegation.token.expiry.check.interval.ms" = "3600000", Rule::Min(1), Low, Restart,
        idle "How often delegation tokens are looked through for expired ones, in ms.";
    Long "delegation.token.expiry.time.ms" = "86400000", Rule::Min(1), Medium, Restart,
        idle "How long a delegation token is good before it must be renewed, in ms.";
    Long "delegation.token.max.lifetime.ms" = "604800000", Rule::Min(1), Medium, Restart,
        idle "How long a delegation token can be renewed, in ms.";
    Password "delegation.token.secret.key" = none, Rule::Any, Medium, Restart,
        idle "The secret from which delegation tokens are made.";
    Class "principal.builder.class" = "org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder",
        Rule::Any, Medium, Broker,
        idle "The class that tells who a client is.";
    Text "security.inter.broker.protocol" = "PLAINTEXT",
        Rule::OneOf(&["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]), Medium, Restart,
        idle "How brokers speak to one another.";
    Text "security.providers" = none, Rule::Any, Low, Restart,
        idle "Classes of Java security providers.";
    Boolean "ssl.allow.dn.changes" = "false", Rule::Any, Low, Restart,
        idle "Whether a new certificate may have another name.";
    Boolean "ssl.allow.san.changes" = "false", Rule::Any, Low, Restart,
        idle "Whether a new certificate may have other alternative names.";
    List "ssl.cipher.suites" = "", Rule::AnyMembers, Medium, Broker,
        idle "The cipher suites offered; empty is the library's choice.";
    Text "ssl.client.auth" = "none", Rule::OneOf(&["required", "requested", "none"]), Medium, Broker,
        "Whether clients show a certificate: `required`, `requested` or `none`.";
    List "ssl.enabled.protocols" = "TLSv1.2,TLSv1.3", Rule::AnyMembers, Medium, Broker,
        "The versions of TLS that are spoken.";
    Text "ssl.endpoint.identification.algorithm" = "https", Rule::Any, Low, Broker,
        idle "How the name in another broker's certificate is checked.";
    Class "ssl.engine.factory.class" = none, Rule::Any, Low, Broker,
        idle "A class that makes TLS connections.";
    Password "ssl.key.password" = none, Rule::Any, Medium, Broker,
        "The password of the private key.";
    Text "ssl.keymanager.algorithm" = "SunX509", Rule::Any, Medium, Broker,
        idle "The algorithm of Java's key manager.";
    Password "ssl.keystore.certificate.chain" = none, Rule::Any, Medium, Broker,
        "The certificate of this broker and those above it, as PEM text.";
    Password "ssl.keystore.key" = none, Rule::Any, Medium, Broker,
        "The private key of this broker, as PEM text.";
    Text "ssl.keystore.location" = none, Rule::Any, Medium, Broker,
        "The file with this broker's certificate and key.";
    Password "ssl.keystore.password" = none, Rule::Any, Medium, Broker,
        "The password of that file.";
    Text "ssl.keystore.type" = "JKS", Rule::Any, Medium, Broker,
        "The format of that file.";
    Text "ssl.principal.mapping.rules" = "DEFAULT", Rule::Any, Low, Restart,
        "Rules that make a user's name of the name in his certificate.";
    Text "ssl.protocol" = "TLSv1.3", Rule::Any, Medium, Broker,
        idle "The version of TLS with which Java makes its context.";
    Text "ssl.provider" = none, Rule::Any, Medium, Broker,
        idle "The Java provider of TLS.";
    Text "ssl.secure.random.implementation" = none, Rule::Any, Low, Broker,
        idle "Java's source of random numbers.";
    Text "ssl.trustmanager.algorithm" = "PKIX", Rule::Any, Medium, Broker,
        idle "The algorithm of Java's trust manager.";
    Password "ssl.truststore.certificates" = none, Rule::Any, Medium, Broker,
        "The certificates that vouch for clients, as PEM text.";
    Text "ssl.truststore.location" = none, Rule::Any, Medium, Broker,
        "The file with the certificates that vouch for clients.";
    Password "ssl.truststore.password" = none, Rule::Any, Medium, Broker,
        "The password of that file.";
    Text "ssl.truststore.type" = "JKS", Rule::Any, Medium, Broker,
        "The format of that file.";
};
