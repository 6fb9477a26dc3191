//! TLS, principals and authorization.

use crate::setting::{Rule, Setting, settings};

pub(super) static SETTINGS: &[Setting] = settings! {
    Text "authorizer.class.name" = "", Rule::Any, Low, Restart,
        "";
    Long "connections.max.reauth.ms" = "0", Rule::Any, Medium, Restart,
        "";
    Long "delegation.token.expiry.check.interval.ms" = "3600000", Rule::Min(1), Low, Restart,
        "";
    Long "delegation.token.expiry.time.ms" = "86400000", Rule::Min(1), Medium, Restart,
        "";
    Long "delegation.token.max.lifetime.ms" = "604800000", Rule::Min(1), Medium, Restart,
        "";
    Password "delegation.token.secret.key" = none, Rule::Any, Medium, Restart,
        "";
    Class "principal.builder.class" = "org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder",
        Rule::Any, Medium, Broker,
        "";
    Text "security.inter.broker.protocol" = "PLAINTEXT",
        Rule::OneOf(&["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]), Medium, Restart,
        "";
    Text "security.providers" = none, Rule::Any, Low, Restart,
        "";
    Boolean "ssl.allow.dn.changes" = "false", Rule::Any, Low, Restart,
        "";
    Boolean "ssl.allow.san.changes" = "false", Rule::Any, Low, Restart,
        "";
    List "ssl.cipher.suites" = "", Rule::AnyMembers, Medium, Broker,
        "";
    Text "ssl.client.auth" = "none", Rule::OneOf(&["required", "requested", "none"]), Medium, Broker,
        "";
    List "ssl.enabled.protocols" = "TLSv1.2,TLSv1.3", Rule::AnyMembers, Medium, Broker,
        "";
    Text "ssl.endpoint.identification.algorithm" = "https", Rule::Any, Low, Broker,
        "";
    Class "ssl.engine.factory.class" = none, Rule::Any, Low, Broker,
        "";
    Password "ssl.key.password" = none, Rule::Any, Medium, Broker,
        "";
    Text "ssl.keymanager.algorithm" = "SunX509", Rule::Any, Medium, Broker,
        "";
    Password "ssl.keystore.certificate.chain" = none, Rule::Any, Medium, Broker,
        "";
    Password "ssl.keystore.key" = none, Rule::Any, Medium, Broker,
        "";
    Text "ssl.keystore.location" = none, Rule::Any, Medium, Broker,
        "";
    Password "ssl.keystore.password" = none, Rule::Any, Medium, Broker,
        "";
    Text "ssl.keystore.type" = "JKS", Rule::Any, Medium, Broker,
        "";
    Text "ssl.principal.mapping.rules" = "DEFAULT", Rule::Any, Low, Restart,
        "";
    Text "ssl.protocol" = "TLSv1.3", Rule::Any, Medium, Broker,
        "";
    Text "ssl.provider" = none, Rule::Any, Medium, Broker,
        "";
    Text "ssl.secure.random.implementation" = none, Rule::Any, Low, Broker,
        "";
    Text "ssl.trustmanager.algorithm" = "PKIX", Rule::Any, Medium, Broker,
        "";
    Password "ssl.truststore.certificates" = none, Rule::Any, Medium, Broker,
        "";
    Text "ssl.truststore.location" = none, Rule::Any, Medium, Broker,
        "";
    Password "ssl.truststore.password" = none, Rule::Any, Medium, Broker,
        "";
    Text "ssl.truststore.type" = "JKS", Rule::Any, Medium, Broker,
        "";
};
