#include "tls_identity.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <array>
#include <memory>
#include <system_error>

#include <cicada/swarm_error.hpp>

namespace cicada {
namespace {

namespace ssl = boost::asio::ssl;

template <auto free>
struct Free {
  void operator()(auto* object) const { free(object); }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;

[[noreturn]] void fail(const char* what) {
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_get_error(), text.data(), text.size());
  throw std::system_error(make_error_code(SwarmError::bad_option), std::string(what) + ": " + text.data());
}
void check(bool good, const char* what) {
  if (!good) fail(what);
}

Certificate self_signed(EVP_PKEY* key) {
  Certificate certificate(X509_new());
  check(certificate != nullptr, "X509_new");
  X509* x = certificate.get();
  const auto word = [](const char* text) {
    return reinterpret_cast<const unsigned char*>(text);
  };  // As OpenSSL has it.
  bool good = X509_set_version(x, X509_VERSION_3) == 1;
  good = good && ASN1_INTEGER_set(X509_get_serialNumber(x), 1) == 1;
  // RFC 5280, section 4.1.2.5: no well-defined end. The link ends with the process anyway.
  good = good && ASN1_TIME_set_string(X509_getm_notBefore(x), "20000101000000Z") == 1;
  good = good && ASN1_TIME_set_string(X509_getm_notAfter(x), "99991231235959Z") == 1;
  X509_NAME* name = X509_get_subject_name(x);
  good = good && X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, word("cicada"), -1, -1, 0) == 1;
  good = good && X509_set_issuer_name(x, name) == 1 && X509_set_pubkey(x, key) == 1;
  good = good && X509_sign(x, key, nullptr) > 0;
  check(good, "making the certificate");
  return certificate;
}

std::optional<PublicKey> key_in(X509* certificate) {
  EVP_PKEY* key = certificate == nullptr ? nullptr : X509_get0_pubkey(certificate);
  PublicKey raw{};
  std::size_t length = raw.size();
  if (key == nullptr || EVP_PKEY_get_id(key) != EVP_PKEY_ED25519 ||
      EVP_PKEY_get_raw_public_key(key, raw.data(), &length) != 1 || length != raw.size())
    return std::nullopt;
  return raw;
}

}  // namespace

ssl::context make_tls_context(const KeySeed& seed) {
  ssl::context context(ssl::context::tlsv13);
  SSL_CTX* raw = context.native_handle();
  const Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()));
  check(key != nullptr, "reading the key");
  const Certificate certificate = self_signed(key.get());
  bool good = SSL_CTX_use_certificate(raw, certificate.get()) == 1 && SSL_CTX_use_PrivateKey(raw, key.get()) == 1;
  good = good && SSL_CTX_set_min_proto_version(raw, TLS1_3_VERSION) == 1;
  // The cheapest first, where processors have instructions for it: AES-256 takes a tenth more and guards against
  // nothing that the 128 bits of X25519 and Ed25519 would not let through.
  good = good && SSL_CTX_set_ciphersuites(
                     raw, "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384") == 1;
  good = good && SSL_CTX_set1_groups_list(raw, "X25519") == 1 && SSL_CTX_set1_sigalgs_list(raw, "ed25519") == 1;
  good = good && SSL_CTX_set_num_tickets(raw, 0) == 1;
  check(good, "setting up TLS");
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // The only certificate has no chain to look for at each handshake. What is written may lie elsewhere when it is tried
  // again, and may be taken in parts.
  SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_NO_AUTO_CHAIN | SSL_MODE_ENABLE_PARTIAL_WRITE |
                            SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_max_cert_list(raw, 4096);  // One certificate with an Ed25519 key takes a few hundred bytes.
  // A stranger's certificate is one self-signed Ed25519 certificate; what key may have which id is the swarm's policy.
  // So there is no chain to verify, only a key to be there: the handshake proves that the other side holds it.
  context.set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
  SSL_CTX_set_cert_verify_callback(
      raw, [](X509_STORE_CTX* store, void*) { return key_in(X509_STORE_CTX_get0_cert(store)) ? 1 : 0; }, nullptr);
  return context;
}

std::optional<PublicKey> peer_key(SSL* connection) {
  const Certificate certificate(SSL_get1_peer_certificate(connection));
  return key_in(certificate.get());
}

}  // namespace cicada
