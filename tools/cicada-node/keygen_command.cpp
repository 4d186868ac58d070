#include <chrono>
#include <exception>
#include <nlohmann/json.hpp>

#include <cicada/identity.hpp>

#include "commands.hpp"
#include "durable_file.hpp"
#include "exit_status.hpp"
#include "key_file.hpp"
#include "node_setup.hpp"
#include "output.hpp"

namespace cicada::node {
namespace {

int make_key(const KeygenRequest& request) {
  if (request.file.has_parent_path()) tool::make_private_folder(request.file.parent_path());
  const PublicKey key = public_key_of(create_key_file(request.file));
  const std::string id = id_of_key(key).to_hex();
  if (request.json) {
    tool::print("{}\n",
                nlohmann::json{{"file", request.file.string()}, {"public_key", to_hex(key)}, {"id", id}}.dump());
  } else {
    tool::print("file        {}\npublic key  {}\nid          {}  (with ids: key)\n", request.file.string(), to_hex(key),
                id);
  }
  return exit_good;
}

/// Signs that the member with this key belongs to the swarm, under the id that is the key's hash.
int certify(const KeygenRequest& request) {
  const auto member = parse_public_key(request.certify);
  if (!member) throw std::runtime_error("--certify: expected a public key of 64 hexadecimal digits");
  const auto authority = read_key_file(request.authority);
  if (!authority) throw std::runtime_error(request.authority.string() + ": there is no such file");
  std::uint64_t not_after = 0;
  if (request.valid) {
    const auto end = std::chrono::system_clock::now() + *request.valid;
    not_after =
        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(end.time_since_epoch()).count());
  }
  const Membership membership = sign_membership(*authority, request.swarm, *member, id_of_key(*member), not_after);
  const std::string text = encode_membership(membership);
  if (request.file.empty()) {
    tool::write_data(text);
  } else {
    tool::write_durably(request.file, text, 0644);
  }
  return exit_good;
}

}  // namespace

int keygen_command(const KeygenRequest& request) {
  try {
    return request.certify.empty() ? make_key(request) : certify(request);
  } catch (const std::exception& error) {
    tool::complain("cicada-node keygen: {}\n", error.what());
    return exit_bad_input;
  }
}

}  // namespace cicada::node
