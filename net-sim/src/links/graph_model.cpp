/// Peers at the routers of a graph from a file. Rows of shortest paths are computed when a pair first needs one, since
/// a small world touches few routers.

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <cicada/sim/link_hash.hpp>

#include "links/measured_text.hpp"
#include "links/models.hpp"
#include "links/router_graph.hpp"
#include "report/text_file.hpp"

namespace cicada::sim {

namespace {

constexpr std::size_t routers_max = 10'000;
constexpr std::string_view line_format = "\"router router one_way_ms\"";

struct GraphFile {
  std::vector<RouterLink> links;
  std::vector<Field> routers;  ///< Each router's name, where it first appears.
};

std::expected<GraphFile, std::string> parse_graph(const std::filesystem::path& file, std::string_view text) {
  GraphFile graph;
  std::map<std::string_view, std::uint32_t> numbers;
  const auto number_of = [&](const Field& name) {
    const auto [place, fresh] = numbers.try_emplace(name.text, static_cast<std::uint32_t>(numbers.size()));
    if (fresh) graph.routers.push_back(name);
    return place->second;
  };
  for (const TextLine& line : lines_of(text)) {
    const std::vector<Field> fields = split_fields(line, " \t,");
    if (fields.size() != 3) {
      return std::unexpected(located_error(file, line.number, fields.empty() ? 1 : fields.back().column,
                                           fmt::format("{} fields", fields.size()), line_format));
    }
    const auto ms = parse_latency_ms(file, fields[2]);
    if (!ms) return std::unexpected(ms.error());
    if (std::isnan(*ms)) {
      return std::unexpected(located_error(file, line.number, fields[2].column, "\"nan\"", "a latency in ms"));
    }
    if (fields[0].text == fields[1].text) {
      return std::unexpected(located_error(file, line.number, fields[1].column,
                                           fmt::format("router \"{}\" linked to itself", fields[1].text),
                                           "two different routers"));
    }
    const std::uint32_t a = number_of(fields[0]);
    const std::uint32_t b = number_of(fields[1]);
    graph.links.push_back({a, b, Duration(std::llround(*ms * 1e6))});
    if (numbers.size() > routers_max) {
      return std::unexpected(located_error(file, line.number, fields[0].column,
                                           fmt::format("more than {} routers", routers_max), "a smaller graph"));
    }
  }
  if (graph.links.empty())
    return std::unexpected(located_error(file, 1, 1, "no link", fmt::format("lines {}", line_format)));
  return graph;
}

class GraphModel final : public LatencyModel {
 public:
  GraphModel(RouterGraph graph, std::uint64_t seed)
      : graph_(std::move(graph)), hash_(seed, Purpose::topology, 0), rows_(graph_.size()) {
    std::vector<Microseconds> some;
    const std::size_t step = std::max<std::size_t>(1, graph_.size() / 8);
    for (std::size_t router = 0; router < graph_.size(); router += step) {
      const std::vector<Microseconds>& row = row_of(router);
      some.insert(some.end(), row.begin(), row.end());
    }
    std::ranges::nth_element(some, some.begin() + static_cast<std::ptrdiff_t>(some.size() / 2));
    typical_ = std::chrono::microseconds{some[some.size() / 2]};
  }

  [[nodiscard]] Duration base(PeerIndex a, PeerIndex b) const override {
    const std::size_t from = choose(hash_.of_peer(a), rows_.size());
    const std::size_t to = choose(hash_.of_peer(b), rows_.size());
    if (from == to) return same_site_latency;
    // Paths are the same in both directions, so either row will do.
    if (rows_[from].empty() && !rows_[to].empty()) return std::chrono::microseconds{rows_[to][from]};
    return std::chrono::microseconds{row_of(from)[to]};
  }

  [[nodiscard]] Duration typical() const override { return typical_; }

  [[nodiscard]] std::size_t memory_bytes() const override {
    std::size_t bytes = sizeof(*this) + rows_.capacity() * sizeof(rows_[0]);
    for (const auto& row : rows_) bytes += row.capacity() * sizeof(Microseconds);
    return bytes;
  }

 private:
  using Microseconds = std::uint32_t;

  const std::vector<Microseconds>& row_of(std::size_t router) const {
    std::vector<Microseconds>& row = rows_[router];
    if (row.empty()) {
      row.reserve(graph_.size());
      for (const Duration each : graph_.latencies_from(router)) {
        const Duration cut = std::min(each, latency_max);
        row.push_back(static_cast<Microseconds>(std::chrono::round<std::chrono::microseconds>(cut).count()));
      }
    }
    return row;
  }

  RouterGraph graph_;
  LinkHash hash_;
  mutable std::vector<std::vector<Microseconds>> rows_;
  Duration typical_{};
};

}  // namespace

MadeModel make_model(const GraphLinks& links, std::uint64_t seed) {
  const auto text = report::read_text_file(links.file);
  if (!text) return std::unexpected(text.error());
  const auto file = parse_graph(links.file, *text);
  if (!file) return std::unexpected(file.error());
  RouterGraph graph(file->routers.size(), file->links);
  const std::vector<Duration> from_first = graph.latencies_from(0);
  if (const auto cut_off = std::ranges::find(from_first, unreachable); cut_off != from_first.end()) {
    const Field& router = file->routers[static_cast<std::size_t>(cut_off - from_first.begin())];
    return std::unexpected(located_error(
        links.file, router.line, router.column,
        fmt::format("router \"{}\", which no path joins to router \"{}\"", router.text, file->routers[0].text),
        "a connected graph"));
  }
  return std::make_unique<GraphModel>(std::move(graph), seed);
}

}  // namespace cicada::sim
