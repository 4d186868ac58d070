/// Opens a port on the gateway and tells every change of the mapping as a line of JSON, until its standard input ends.
/// Then it removes the mapping, and says how long that took. The tests in this folder run it inside network namespaces.
///
///     port_mapping_probe PORT [KEY=VALUE]...     keys: eport lease check_ms upnp nat_pmp gateway conflict removal_ms

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include <cicada/port_mapping.hpp>

namespace {

using Clock = std::chrono::steady_clock;

bool set_option(cicada::PortMappingOptions& options, const std::string& key, const std::string& value) {
  if (key == "eport") {
    options.external_port = static_cast<std::uint16_t>(std::stoul(value));
  } else if (key == "lease") {
    options.lease = std::chrono::seconds(std::stoul(value));
  } else if (key == "check_ms") {
    options.check = std::chrono::milliseconds(std::stoul(value));
  } else if (key == "removal_ms") {
    options.removal_wait = std::chrono::milliseconds(std::stoul(value));
  } else if (key == "upnp") {
    options.upnp = value == "on";
  } else if (key == "nat_pmp") {
    options.nat_pmp = value == "on";
  } else if (key == "gateway") {
    options.nat_pmp_gateway = value;
  } else if (key == "conflict") {
    options.conflict = value == "give-up" ? cicada::MappingConflict::give_up : cicada::MappingConflict::another_port;
  } else {
    return false;
  }
  return true;
}

nlohmann::json describe(const cicada::PortMappingStatus& status) {
  return {{"state", cicada::to_string(status.state)},
          {"method", cicada::to_string(status.method)},
          {"port", status.port},
          {"eport", status.eport},
          {"local", status.local_address},
          {"external", status.external_address},
          {"lease", status.lease.count()},
          {"already_mapped", status.already_mapped},
          {"times_remade", status.times_remade},
          {"reason", status.reason}};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  cicada::PortMappingOptions options;
  for (int i = 2; i < argc; ++i) {
    const std::string text = argv[i];
    const auto split = text.find('=');
    if (split == std::string::npos || !set_option(options, text.substr(0, split), text.substr(split + 1))) {
      std::cerr << "port_mapping_probe: cannot use '" << text << "'\n";
      return 2;
    }
  }
  const auto start = Clock::now();
  const auto since = [](Clock::time_point from) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - from).count();
  };
  options.on_change = [&](const cicada::PortMappingStatus& status) {
    nlohmann::json line = describe(status);
    line["at_ms"] = since(start);
    std::cout << line.dump() << std::endl;
  };
  std::optional<cicada::PortMapping> mapping(std::in_place, static_cast<std::uint16_t>(std::stoul(argv[1])), options);
  std::string ignored;
  while (std::getline(std::cin, ignored)) {
  }
  const auto end = Clock::now();
  mapping.reset();
  std::cout << nlohmann::json{{"state", "removed"}, {"took_ms", since(end)}}.dump() << std::endl;
  return 0;
}
