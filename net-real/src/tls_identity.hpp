#pragma once
/// A node's Ed25519 key as a TLS identity: the self-signed certificate that carries it, and the key in the certificate
/// of the other side. The certificate says nothing else: names, dates and signature are not looked at, because the
/// handshake itself proves that the other side holds the key.

#include <boost/asio/ssl/context.hpp>
#include <optional>

#include <cicada/membership.hpp>

namespace cicada {

/// For both roles: TLS 1.3 only, X25519, Ed25519 certificates demanded of both sides, no resumption. Throws
/// std::system_error with what OpenSSL says.
[[nodiscard]] boost::asio::ssl::context make_tls_context(const KeySeed& seed);

/// The public key that the other side has proved to hold; after the handshake. Nullopt for any other kind of key.
[[nodiscard]] std::optional<PublicKey> peer_key(SSL* connection);

}  // namespace cicada
