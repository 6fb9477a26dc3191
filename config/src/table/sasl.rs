//! Authentication by SASL.

use crate::setting::{Rule, Setting, settings};

pub(super) static SETTINGS: &[Setting] = settings! {
    Class "sasl.client.callback.handler.class" = none, Rule::Any, Medium, Restart,
        "";
    List "sasl.enabled.mechanisms" = "GSSAPI", Rule::AnyMembers, Medium, Broker,
        "";
    Password "sasl.jaas.config" = none, Rule::Any, Medium, Broker,
        "";
    Text "sasl.kerberos.kinit.cmd" = "/usr/bin/kinit", Rule::Any, Medium, Broker,
        "";
    Long "sasl.kerberos.min.time.before.relogin" = "60000", Rule::Any, Medium, Broker,
        "";
    List "sasl.kerberos.principal.to.local.rules" = "DEFAULT", Rule::AnyMembers, Medium, Broker,
        "";
    Text "sasl.kerberos.service.name" = none, Rule::Any, Medium, Broker,
        "";
    Double "sasl.kerberos.ticket.renew.jitter" = "0.05", Rule::Any, Medium, Broker,
        "";
    Double "sasl.kerberos.ticket.renew.window.factor" = "0.8", Rule::Any, Medium, Broker,
        "";
    Class "sasl.login.callback.handler.class" = none, Rule::Any, Medium, Restart,
        "";
    Class "sasl.login.class" = none, Rule::Any, Medium, Restart,
        "";
    Int "sasl.login.connect.timeout.ms" = none, Rule::Any, Low, Restart,
        "";
    Int "sasl.login.read.timeout.ms" = none, Rule::Any, Low, Restart,
        "";
    Short "sasl.login.refresh.buffer.seconds" = "300", Rule::Any, Medium, Broker,
        "";
    Short "sasl.login.refresh.min.period.seconds" = "60", Rule::Any, Medium, Broker,
        "";
    Double "sasl.login.refresh.window.factor" = "0.8", Rule::Any, Medium, Broker,
        "";
    Double "sasl.login.refresh.window.jitter" = "0.05", Rule::Any, Medium, Broker,
        "";
    Long "sasl.login.retry.backoff.max.ms" = "10000", Rule::Any, Low, Restart,
        "";
    Long "sasl.login.retry.backoff.ms" = "100", Rule::Any, Low, Restart,
        "";
    Text "sasl.mechanism.controller.protocol" = "GSSAPI", Rule::Any, High, Restart,
        "";
    Text "sasl.mechanism.inter.broker.protocol" = "GSSAPI", Rule::Any, Medium, Broker,
        "";
    Text "sasl.oauthbearer.assertion.algorithm" = "RS256",
        Rule::OneOfIgnoringCase(&["ES256", "RS256"]), Medium, Restart,
        "";
    Text "sasl.oauthbearer.assertion.claim.aud" = none, Rule::Any, Medium, Restart,
        "";
    Int "sasl.oauthbearer.assertion.claim.exp.seconds" = "300", Rule::Between(0, 86_400), Low, Restart,
        "";
    Text "sasl.oauthbearer.assertion.claim.iss" = none, Rule::Any, Medium, Restart,
        "";
    Boolean "sasl.oauthbearer.assertion.claim.jti.include" = "false", Rule::Any, Medium, Restart,
        "";
    Int "sasl.oauthbearer.assertion.claim.nbf.seconds" = "60", Rule::Between(0, 3_600), Low, Restart,
        "";
    Text "sasl.oauthbearer.assertion.claim.sub" = none, Rule::Any, Medium, Restart,
        "";
    Text "sasl.oauthbearer.assertion.file" = none, Rule::Any, Medium, Restart,
        "";
    Text "sasl.oauthbearer.assertion.private.key.file" = none, Rule::Any, Medium, Restart,
        "";
    Password "sasl.oauthbearer.assertion.private.key.passphrase" = none, Rule::Any, Medium, Restart,
        "";
    Text "sasl.oauthbearer.assertion.template.file" = none, Rule::Any, Medium, Restart,
        "";
    Text "sasl.oauthbearer.client.credentials.client.id" = none, Rule::Any, Medium, Restart,
        "";
    Password "sasl.oauthbearer.client.credentials.client.secret" = none, Rule::Any, Medium, Restart,
        "";
    Int "sasl.oauthbearer.clock.skew.seconds" = "30", Rule::Any, Low, Restart,
        "";
    List "sasl.oauthbearer.expected.audience" = "", Rule::AnyMembers, High, Restart,
        "";
    Text "sasl.oauthbearer.expected.issuer" = none, Rule::Any, High, Restart,
        "";
    Long "sasl.oauthbearer.jwks.endpoint.refresh.ms" = "3600000", Rule::Any, Low, Restart,
        "";
    Long "sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms" = "10000", Rule::Any, Low, Restart,
        "";
    Long "sasl.oauthbearer.jwks.endpoint.retry.backoff.ms" = "100", Rule::Any, Low, Restart,
        "";
    Text "sasl.oauthbearer.jwks.endpoint.url" = none, Rule::Any, Medium, Restart,
        "";
    Class "sasl.oauthbearer.jwt.retriever.class" = "org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever",
        Rule::Any, Medium, Restart,
        "";
    Class "sasl.oauthbearer.jwt.validator.class" = "org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator",
        Rule::Any, Medium, Restart,
        "";
    Text "sasl.oauthbearer.scope" = none, Rule::Any, Medium, Restart,
        "";
    Text "sasl.oauthbearer.scope.claim.name" = "scope", Rule::Any, Low, Restart,
        "";
    Text "sasl.oauthbearer.sub.claim.name" = "sub", Rule::Any, Low, Restart,
        "";
    Text "sasl.oauthbearer.token.endpoint.url" = none, Rule::Any, Medium, Restart,
        "";
    Class "sasl.server.callback.handler.class" = none, Rule::Any, Medium, Restart,
        "";
    Int "sasl.server.max.receive.size" = "524288", Rule::Any, Medium, Restart,
        "";
};
