#include <cicada/sim/data_files.hpp>

#include <utility>
#include <variant>

#include <fmt/format.h>

#include <cicada/sim/units.hpp>

#include "data/data_values.hpp"
#include "data/table_reader.hpp"
#include "links/graph_file.hpp"
#include "links/matrix_file.hpp"
#include "world/listed_inputs.hpp"

namespace cicada::sim {

namespace {

std::string header_text(bool has_header) { return has_header ? "The first line is a header." : "There is no header."; }

std::string counted(std::uint64_t count, std::string_view thing) {
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

std::string contents(TableReader& reader, const MatrixLinks& links, const Scenario&) {
  const LatencyMatrix matrix = read_latency_matrix(reader, links);
  const std::uint64_t pairs = std::uint64_t{matrix.size} * (matrix.size - 1);
  constexpr std::string_view names[] = {"without names", "named in the first row", "named in the first column",
                                        "named in the first row and column"};
  std::string text = fmt::format("{} hosts, {}. {} of {} ordered pairs are measured, as {} in {}.", matrix.size,
                                 names[(matrix.has_header ? 1 : 0) + (matrix.has_row_names ? 2 : 0)],
                                 pairs - matrix.from_back - matrix.guessed, pairs,
                                 links.rtt ? "round trips" : "one-way times", name_of(links.unit));
  if (matrix.from_back > 0) text += fmt::format(" Taken from the other direction: {}.", matrix.from_back);
  if (matrix.guessed > 0) text += fmt::format(" Guessed from medians: {}.", matrix.guessed);
  return text;
}

std::string contents(TableReader& reader, const GraphLinks& links, const Scenario&) {
  const GraphFile file = read_router_graph(reader, links);
  return fmt::format("{} routers, {}, one-way latencies in {}. {}", file.graph.size(), counted(file.links, "link"),
                     name_of(links.unit), header_text(file.has_header));
}

std::string span_text(const TraceTimes& times, std::string_view what, const TraceFile& trace) {
  std::string text = fmt::format(" The first time is {}, the last {}, in {}{}.", format_duration(times.first),
                                 format_duration(times.last), name_of(trace.unit),
                                 trace.origin > Duration::zero() ? " and seen from the origin" : "");
  if (times.before > 0) text += fmt::format(" {} over before the start.", counted(times.before, what));
  return text + fmt::format(" {} beyond the duration. {}", counted(times.beyond, what), header_text(times.has_header));
}

std::string contents(TableReader& reader, const SessionTrace& trace, const Scenario& scenario) {
  const ListedSessions listed = read_sessions(reader, trace, scenario);
  std::string text = fmt::format("{} of {}.", counted(listed.times.count, "session"), counted(listed.hosts, "peer")) +
                     span_text(listed.times, "session", trace);
  if (listed.early > 0 && scenario.peers.join.kind == Join::Kind::ideal)
    text += fmt::format(" {} in the ring from the start, before the first session.", counted(listed.early, "peer"));
  return text;
}

std::string contents(TableReader& reader, const TraceFile& trace, const Scenario& scenario) {
  const TraceTimes times = read_lookups(reader, trace, scenario).times;
  return counted(times.count, "lookup") + "." + span_text(times, "lookup", trace);
}

class Survey {
 public:
  explicit Survey(const Scenario& scenario) : scenario_(scenario) {}

  template <class Data>
  void look(std::string key, const std::filesystem::path& file, const Data& data) {
    read(std::move(key), file, [&](TableReader& reader) { return contents(reader, data, scenario_); });
  }

  template <class Read>
  void read(std::string key, const std::filesystem::path& file, Read read_contents) {
    try {
      TableReader reader(file);
      std::string text = read_contents(reader);
      if (reader.ends_within_line()) text += " The last line has no end: was the file cut short?";
      files_.read.push_back({std::move(key), file, std::move(text)});
    } catch (const DataError& error) {
      files_.mistakes.emplace_back(error.what());
    }
  }

  DataFiles files_;

 private:
  const Scenario& scenario_;
};

/// The model when it comes from a file.
const LinkModel* model_from_file(const Scenario& scenario) {
  const LinkModel& model = scenario.links.model;
  return std::holds_alternative<MatrixLinks>(model) || std::holds_alternative<GraphLinks>(model) ? &model : nullptr;
}

}  // namespace

DataFiles read_data_files(const Scenario& scenario) {
  Survey survey(scenario);
  if (const auto* matrix = std::get_if<MatrixLinks>(&scenario.links.model))
    survey.look("links.file", matrix->file, *matrix);
  if (const auto* graph = std::get_if<GraphLinks>(&scenario.links.model))
    survey.look("links.file", graph->file, *graph);
  if (!scenario.peers.ids.empty()) {
    survey.read("peers.ids", scenario.peers.ids, [&](TableReader& reader) {
      return fmt::format("{} for the first peers.", counted(read_ids(reader, scenario.peers.count).size(), "id"));
    });
  }
  for (std::size_t i = 0; i < scenario.workloads.size(); ++i) {
    if (const auto* churn = std::get_if<Churn>(&scenario.workloads[i])) {
      if (const auto* trace = std::get_if<SessionTrace>(&churn->sessions))
        survey.look(fmt::format("workloads.{}.churn.session.trace", i), trace->file, *trace);
    }
    const auto* lookups = std::get_if<Lookups>(&scenario.workloads[i]);
    if (lookups != nullptr && !lookups->trace.file.empty())
      survey.look(fmt::format("workloads.{}.lookups.trace", i), lookups->trace.file, lookups->trace);
  }
  return std::move(survey.files_);
}

bool same_data(const Scenario& a, const Scenario& b) {
  const LinkModel *links_a = model_from_file(a), *links_b = model_from_file(b);
  const bool same_links = links_a != nullptr && links_b != nullptr ? *links_a == *links_b : links_a == links_b;
  return same_links && a.peers == b.peers && a.duration == b.duration && a.workloads == b.workloads;
}

}  // namespace cicada::sim
