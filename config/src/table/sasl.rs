//! Authentication by SASL.

use crate::setting::{Rule, Setting, settings};

pub(super) static SETTINGS: &[Setting] = settings! {
    Class "sasl.client.callback.handler.class" = none, Rule::Any, Medium, Restart,
        idle "A class that answers for this broker as a client.";
    List "sasl.enabled.mechanisms" = "GSSAPI", Rule::AnyMembers, Medium, Broker,
        "The SASL mechanisms that clients may use.";
    Password "sasl.jaas.config" = none, Rule::Any, Medium, Broker,
        "The login of a listener, as Java's JAAS writes it.";
    Text "sasl.kerberos.kinit.cmd" = "/usr/bin/kinit", Rule::Any, Medium, Broker,
        idle "The path of kinit.";
    Long "sasl.kerberos.min.time.before.relogin" = "60000", Rule::Any, Medium, Broker,
        idle "The least time between two Kerberos logins, in ms.";
    List "sasl.kerberos.principal.to.local.rules" = "DEFAULT", Rule::AnyMembers, Medium, Broker,
        idle "Rules that make a user's name of a Kerberos principal.";
    Text "sasl.kerberos.service.name" = none, Rule::Any, Medium, Broker,
        idle "The name of this service in Kerberos.";
    Double "sasl.kerberos.ticket.renew.jitter" = "0.05", Rule::Any, Medium, Broker,
        idle "The random part of the time to the next Kerberos ticket.";
    Double "sasl.kerberos.ticket.renew.window.factor" = "0.8", Rule::Any, Medium, Broker,
        idle "The part of a Kerberos ticket's life after which it is renewed.";
    Class "sasl.login.callback.handler.class" = none, Rule::Any, Medium, Restart,
        idle "A class that answers at a login.";
    Class "sasl.login.class" = none, Rule::Any, Medium, Restart,
        idle "A class that logs in.";
    Int "sasl.login.connect.timeout.ms" = none, Rule::Any, Low, Restart,
        idle "How long connecting to a login service may take, in ms.";
    Int "sasl.login.read.timeout.ms" = none, Rule::Any, Low, Restart,
        idle "How long an answer of a login service may take, in ms.";
    Short "sasl.login.refresh.buffer.seconds" = "300", Rule::Any, Medium, Broker,
        idle "The time before its end in which a token is renewed, in seconds.";
    Short "sasl.login.refresh.min.period.seconds" = "60", Rule::Any, Medium, Broker,
        idle "The least time between two renewals of a token, in seconds.";
    Double "sasl.login.refresh.window.factor" = "0.8", Rule::Any, Medium, Broker,
        idle "The part of a token's life after which it is renewed.";
    Double "sasl.login.refresh.window.jitter" = "0.05", Rule::Any, Medium, Broker,
        idle "The random part of the time to the next renewal.";
    Long "sasl.login.retry.backoff.max.ms" = "10000", Rule::Any, Low, Restart,
        idle "The longest wait between two attempts at a login service, in ms.";
    Long "sasl.login.retry.backoff.ms" = "100", Rule::Any, Low, Restart,
        idle "The wait between two attempts at a login service, in ms.";
    Text "sasl.mechanism.controller.protocol" = "GSSAPI", Rule::Any, High, Restart,
        idle "The SASL mechanism between brokers and controllers.";
    Text "sasl.mechanism.inter.broker.protocol" = "GSSAPI", Rule::Any, Medium, Broker,
        idle "The SASL mechanism between brokers.";
    Text "sasl.oauthbearer.assertion.algorithm" = "RS256",
        Rule::OneOfIgnoringCase(&["ES256", "RS256"]), Medium, Restart,
        idle "The algorithm that signs an assertion.";
    Text "sasl.oauthbearer.assertion.claim.aud" = none, Rule::Any, Medium, Restart,
        idle "The audience of an assertion.";
    Int "sasl.oauthbearer.assertion.claim.exp.seconds" = "300", Rule::Between(0, 86_400), Low, Restart,
        idle "The life of an assertion, in seconds.";
    Text "sasl.oauthbearer.assertion.claim.iss" = none, Rule::Any, Medium, Restart,
        idle "The issuer of an assertion.";
    Boolean "sasl.oauthbearer.assertion.claim.jti.include" = "false", Rule::Any, Medium, Restart,
        idle "Whether an assertion has an id.";
    Int "sasl.oauthbearer.assertion.claim.nbf.seconds" = "60", Rule::Between(0, 3_600), Low, Restart,
        idle "How far back an assertion becomes valid, in seconds.";
    Text "sasl.oauthbearer.assertion.claim.sub" = none, Rule::Any, Medium, Restart,
        idle "The subject of an assertion.";
    Text "sasl.oauthbearer.assertion.file" = none, Rule::Any, Medium, Restart,
        idle "A file with a finished assertion.";
    Text "sasl.oauthbearer.assertion.private.key.file" = none, Rule::Any, Medium, Restart,
        idle "The file with the key that signs assertions.";
    Password "sasl.oauthbearer.assertion.private.key.passphrase" = none, Rule::Any, Medium, Restart,
        idle "The password of that key.";
    Text "sasl.oauthbearer.assertion.template.file" = none, Rule::Any, Medium, Restart,
        idle "A file with the claims of an assertion.";
    Text "sasl.oauthbearer.client.credentials.client.id" = none, Rule::Any, Medium, Restart,
        idle "The name under which tokens are fetched.";
    Password "sasl.oauthbearer.client.credentials.client.secret" = none, Rule::Any, Medium, Restart,
        idle "The secret with which tokens are fetched.";
    Int "sasl.oauthbearer.clock.skew.seconds" = "30", Rule::Any, Low, Restart,
        "How far the clocks of broker and issuer of tokens may differ, in seconds.";
    List "sasl.oauthbearer.expected.audience" = "", Rule::AnyMembers, High, Restart,
        "The audiences of which a token must name one.";
    Text "sasl.oauthbearer.expected.issuer" = none, Rule::Any, High, Restart,
        "The issuer that a token must name.";
    Long "sasl.oauthbearer.jwks.endpoint.refresh.ms" = "3600000", Rule::Any, Low, Restart,
        "How often the keys of the issuer are fetched again, in ms.";
    Long "sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms" = "10000", Rule::Any, Low, Restart,
        "The longest wait between two attempts to fetch the keys, in ms.";
    Long "sasl.oauthbearer.jwks.endpoint.retry.backoff.ms" = "100", Rule::Any, Low, Restart,
        "The wait between two attempts to fetch the keys, in ms.";
    Text "sasl.oauthbearer.jwks.endpoint.url" = none, Rule::Any, Medium, Restart,
        "Where the keys of the issuer of tokens are.";
    Class "sasl.oauthbearer.jwt.retriever.class" = "org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever",
        Rule::Any, Medium, Restart,
        idle "A class that fetches tokens.";
    Class "sasl.oauthbearer.jwt.validator.class" = "org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator",
        Rule::Any, Medium, Restart,
        idle "A class that checks tokens.";
    Text "sasl.oauthbearer.scope" = none, Rule::Any, Medium, Restart,
        idle "The scope for which tokens are fetched.";
    Text "sasl.oauthbearer.scope.claim.name" = "scope", Rule::Any, Low, Restart,
        "The claim of a token that names its scope.";
    Text "sasl.oauthbearer.sub.claim.name" = "sub", Rule::Any, Low, Restart,
        "The claim of a token that names its user.";
    Text "sasl.oauthbearer.token.endpoint.url" = none, Rule::Any, Medium, Restart,
        idle "Where tokens are fetched.";
    Class "sasl.server.callback.handler.class" = none, Rule::Any, Medium, Restart,
        idle "A class that checks what clients say.";
    Int "sasl.server.max.receive.size" = "524288", Rule::Any, Medium, Restart,
        "The size in bytes of a client's message during authentication, at most.";
};
