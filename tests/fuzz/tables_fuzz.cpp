// Any bytes are read as a table of data, or refused with their place: nothing crashes, nothing takes long, and no time,
// peer or latency beyond its range comes out. The first byte chooses what the bytes are taken for.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <cicada/assert.hpp>
#include <cicada/sim/latency_model.hpp>

#include "links/graph_file.hpp"
#include "links/matrix_file.hpp"
#include "world/listed_inputs.hpp"

namespace {

using namespace cicada;
using namespace cicada::sim;

void read_matrix(TableReader& reader, bool lenient) {
  MatrixLinks links;
  if (lenient) links.missing = {"0", "-1", "nan", "empty", "x"};
  const LatencyMatrix matrix = read_latency_matrix(reader, links);
  CICADA_ASSERT(matrix.size >= 2 && matrix.one_way_us.size() == matrix.size * matrix.size);
  for (std::size_t i = 0; i < matrix.one_way_us.size(); ++i) {
    const bool diagonal = i % (matrix.size + 1) == 0;
    CICADA_ASSERT((matrix.one_way_us[i] == 0) == diagonal);
    CICADA_ASSERT(std::chrono::microseconds(matrix.one_way_us[i]) <= latency_max);
  }
}

void read_traces(TableReader& reader, bool sessions) {
  Scenario scenario;
  scenario.peers.count = 100;
  scenario.duration = std::chrono::hours(1);
  const TraceFile trace{.file = {}, .unit = TimeUnit::s, .origin = std::chrono::seconds(5)};
  if (!sessions) {
    for (const ListedLookup& one : read_lookups(reader, trace, scenario).lookups)
      CICADA_ASSERT(one.host < 100 && one.at >= Duration::zero() && one.at < scenario.duration);
    return;
  }
  for (const ListedSession& one : read_sessions(reader, trace, scenario).sessions) {
    CICADA_ASSERT(one.host < 100 && one.join >= Duration::zero() && one.join < scenario.duration);
    CICADA_ASSERT(!one.leave || *one.leave > one.join);
  }
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer wants this name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 4096) return 0;
  const std::string text(data + 1, data + size);
  try {
    TableReader reader("t", text);
    switch (data[0] % 6) {
      case 0:
      case 1:
        read_matrix(reader, data[0] % 2 != 0);
        break;
      case 2:
        CICADA_ASSERT(read_router_graph(reader, {}).graph.size() >= 2);
        break;
      case 3:
      case 4:
        read_traces(reader, data[0] % 2 != 0);
        break;
      default:
        CICADA_ASSERT(!read_ids(reader, 100).empty());
        break;
    }
  } catch (const DataError& error) {
    CICADA_ASSERT(std::string_view(error.what()).starts_with("t:"));
  }
  return 0;
}
