// Any bytes either load as a scenario or give at least one error with a message; nothing throws, and nothing takes
// long. What loads comes back equal from its own JSON. The lines behind a line `%%%` are overrides.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <cicada/assert.hpp>
#include <cicada/sim/scenario_loader.hpp>
#include <cicada/sim/sweep.hpp>

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer wants this name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cicada::sim;
  std::string text(data, data + size);
  std::vector<std::string> overrides;
  if (const std::size_t mark = text.find("\n%%%\n"); mark != std::string::npos) {
    std::string rest = text.substr(mark + 5);
    text.resize(mark + 1);
    while (!rest.empty() && overrides.size() < 4) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      overrides.push_back(rest.substr(0, end));
      rest.erase(0, end + 1);
    }
  }
  const auto scenario = parse_scenario(text, "fuzz.yaml", overrides);
  if (!scenario) {
    CICADA_ASSERT(!scenario.error().empty() && !to_string(scenario.error()[0]).empty());
    return 0;
  }
  const auto json = to_json(*scenario);
  // Texts that are no UTF-8 can be loaded, but JSON can't hold them unchanged.
  const std::string written = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  if (written.find("\xEF\xBF\xBD") != std::string::npos) return 0;
  const auto back = parse_scenario(written, "fuzz.yaml");
  CICADA_ASSERT(back && *back == *scenario);
  if (sweep_size(*scenario) <= 1000) CICADA_ASSERT(expand_sweep(*scenario).size() == sweep_size(*scenario));
  return 0;
}
