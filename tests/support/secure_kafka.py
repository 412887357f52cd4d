"""The embedded broker with doors that are locked: TLS with client certificates, SASL over TLS, and an authorizer."""

from pathlib import Path

from kafka.admin import (
    ACL,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    KafkaAdminClient,
    ResourcePattern,
    ResourceType,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from deploy.local import ports
from deploy.local.kafka import Kafka
from pipeline import config
from tests.support.certificates import Authority

MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")


class SecureKafka(Kafka):
    """Its plain listener is the administrator's (everybody on it may do everything), as the broker itself uses it."""

    def __init__(self, directory: Path, *, log: Path, authority: Authority, users: dict[str, str]) -> None:
        super().__init__(directory, log=log)
        self.authority = authority
        self.users = users
        self.mtls_port, self.sasl_port = ports.choose(), ports.choose()

    def _write_settings(self) -> None:
        super()._write_settings()
        certificate, key = self.authority.issue("broker", hosts=("127.0.0.1",))
        keystore = self.directory / "broker.pem"
        keystore.write_bytes(key.read_bytes() + certificate.read_bytes())
        plain = " ".join(f'user_{user}="{password}"' for user, password in self.users.items())
        module = "org.apache.kafka.common.security"
        lines = {
            "listeners": f"PLAINTEXT://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{self.controller_port},"
            f"MTLS://127.0.0.1:{self.mtls_port},SASLTLS://127.0.0.1:{self.sasl_port}",
            "advertised.listeners": f"PLAINTEXT://127.0.0.1:{self.port},MTLS://127.0.0.1:{self.mtls_port},"
            f"SASLTLS://127.0.0.1:{self.sasl_port}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,MTLS:SSL,SASLTLS:SASL_SSL",
            "inter.broker.listener.name": "PLAINTEXT",
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": keystore,
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": self.authority.ca,
            "ssl.principal.mapping.rules": r"RULE:^CN=([^,]+).*$/$1/",
            "listener.name.mtls.ssl.client.auth": "required",
            "sasl.enabled.mechanisms": ",".join(MECHANISMS),
            "listener.name.sasltls.plain.sasl.jaas.config": f"{module}.plain.PlainLoginModule required {plain};",
            "listener.name.sasltls.scram-sha-256.sasl.jaas.config": f"{module}.scram.ScramLoginModule required;",
            "listener.name.sasltls.scram-sha-512.sasl.jaas.config": f"{module}.scram.ScramLoginModule required;",
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": "User:ANONYMOUS",
            "allow.everyone.if.no.acl.found": "false",
        }
        kept = [
            line
            for line in self._properties.read_text(encoding="ascii").splitlines()
            if line.partition("=")[0] not in lines
        ]
        added = [f"{key}={value!s}".replace("\\", "\\\\") for key, value in lines.items()]
        self._properties.write_text("\n".join([*kept, *added]) + "\n", encoding="ascii")

    def add_scram_users(self) -> None:
        """Tell a running broker the users' SCRAM passwords."""
        admin = KafkaAdminClient(bootstrap_servers=self.bootstrap_servers)
        kinds = (ScramMechanism.SCRAM_SHA_256, ScramMechanism.SCRAM_SHA_512)
        for user, password in self.users.items():
            for kind in kinds:
                done = admin.alter_user_scram_credentials([UserScramCredentialUpsertion(user, kind, password)])
                assert not any(done.values()), done
        admin.close()

    def allow(self, principal: str, operations: str, kind: str, name: str, *, prefix: bool = False) -> None:
        """Make ACLs as `kafka-acls.sh --add` does."""
        pattern = ACLResourcePatternType.PREFIXED if prefix else ACLResourcePatternType.LITERAL
        resource = ResourcePattern(ResourceType[kind], name, pattern)
        acls = [
            ACL(f"User:{principal}", "*", ACLOperation[operation], ACLPermissionType.ALLOW, resource)
            for operation in operations.upper().split(",")
        ]
        admin = KafkaAdminClient(bootstrap_servers=self.bootstrap_servers)
        done = admin.create_acls(acls)
        admin.close()
        assert not done["failed"], done

    def sasl(self, user: str, mechanism: str, **changes: str) -> config.Kafka:
        """The configuration of a client with a password."""
        return config.Kafka(
            bootstrap_servers=f"127.0.0.1:{self.sasl_port}",
            security_protocol="SASL_SSL",
            **{  # type: ignore[arg-type]
                "sasl_mechanism": mechanism,
                "sasl_username": user,
                "sasl_password": self.users.get(user, ""),
                "ssl_cafile": str(self.authority.ca),
                **changes,
            },
        )

    def mtls(self, user: str, **changes: str) -> config.Kafka:
        """The configuration of a client with a certificate."""
        certificate, key = self.authority.issue(user)
        files = {"ssl_cafile": str(self.authority.ca), "ssl_certfile": str(certificate), "ssl_keyfile": str(key)}
        return config.Kafka(
            bootstrap_servers=f"127.0.0.1:{self.mtls_port}",
            security_protocol="SSL",
            **(files | changes),  # type: ignore[arg-type]
        )
