// The section `links:`; the keys of the chosen model stand beside the common ones.

#include <algorithm>

#include "scalars.hpp"
#include "schema.hpp"

namespace cicada::sim {
namespace {

using Names = std::string_view;
constexpr Duration latency_max = std::chrono::hours{1};

void describe_model(Visitor& v, ConstantLinks& model) {
  v.scalar({.name = "latency", .about = "One way, of every pair"},
           time_scalar(model.latency, Duration::zero(), latency_max));
}

void describe_model(Visitor& v, UniformLinks& model) {
  static constexpr Names per[] = {"pair", "message"};
  v.scalar({.name = "min", .about = "Shortest one-way latency"}, time_scalar(model.min, Duration::zero(), latency_max));
  v.scalar({.name = "max", .about = "Longest one-way latency"}, time_scalar(model.max, Duration::zero(), latency_max));
  v.scalar({.name = "per", .about = "Drawn once for a pair, or anew for each message"}, choice_scalar(model.per, per));
}

void describe_model(Visitor& v, LognormalLinks& model) {
  v.scalar({.name = "median", .about = "Median one-way latency over pairs"},
           time_scalar(model.median, tick, latency_max));
  v.scalar({.name = "mean", .about = "Mean one-way latency over pairs, not below the median"},
           time_scalar(model.mean, tick, latency_max));
}

void describe_model(Visitor& v, EuclideanLinks& model) {
  v.scalar({.name = "dimensions", .about = "Dimensions of the cube that the peers are spread in"},
           integer_scalar(model.dimensions, 1, 8));
  v.scalar({.name = "mean", .about = "Mean one-way latency over pairs"}, time_scalar(model.mean, tick, latency_max));
}

List row_of(std::vector<Duration>& row) {
  return {.size_max = 64,
          .size = [&row] { return row.size(); },
          .clear = [&row] { row.clear(); },
          .element =
              [&row](std::size_t index) {
                if (index == row.size()) row.emplace_back();
                return time_scalar(row[index], Duration::zero(), latency_max);
              }};
}

Scalar region_count_scalar(RegionLinks& model) {
  return {.form = "1 .. 8",
          .read = [&model](std::string_view text) -> std::optional<std::string> {
            const auto count = parse_integer(text);
            if (!count || *count < 1 || *count > 8) return "a whole number from 1 to 8";
            model = builtin_regions(static_cast<std::size_t>(*count));
            return std::nullopt;
          },
          .write = [] { return nlohmann::ordered_json("8"); }};
}

void describe_model(Visitor& v, RegionLinks& model) {
  static constexpr Names count[] = {"count"}, regions[] = {"regions"};
  static constexpr Way kinds[] = {{count}, {regions}};
  if (model.names.empty()) model = builtin_regions();
  v.ways(kinds, 1, false, [&](std::size_t kind) {
    if (kind == 0) {
      v.scalar({.name = "count", .about = "The first of the built-in world regions"}, region_count_scalar(model));
      return;
    }
    v.section({.name = "regions", .about = "Own regions: a map of rows", .default_text = "8 built-in world regions"},
              [&] {
                v.lists({.placeholder = "<region>",
                         .about = "One-way times from this region to each, in the order of the rows; symmetric",
                         .size_max = 64,
                         .size = [&] { return model.names.size(); },
                         .clear = [&] { model = RegionLinks{}; },
                         .name = [&](std::size_t index) { return model.names[index]; },
                         .list =
                             [&](const std::string& name) {
                               const auto found = std::ranges::find(model.names, name);
                               const auto index = static_cast<std::size_t>(found - model.names.begin());
                               if (found == model.names.end()) {
                                 model.names.push_back(name);
                                 model.one_way.emplace_back();
                               }
                               return row_of(model.one_way[index]);
                             }});
              });
  });
}

void describe_model(Visitor& v, TransitStubLinks& model) {
  v.scalar({.name = "transit_domains", .about = "Transit domains"}, integer_scalar(model.transit_domains, 1, 1000));
  v.scalar({.name = "transit_nodes", .about = "Routers of each transit domain"},
           integer_scalar(model.transit_nodes, 1, 1000));
  v.scalar({.name = "stubs_per_transit", .about = "Stub domains of each transit router"},
           integer_scalar(model.stubs_per_transit, 1, 1000));
  v.scalar({.name = "stub_nodes", .about = "Routers of each stub domain"}, integer_scalar(model.stub_nodes, 1, 1000));
  v.scalar({.name = "intra_transit", .about = "One way between transit routers"},
           time_scalar(model.intra_transit, Duration::zero(), latency_max));
  v.scalar({.name = "transit_stub", .about = "One way between a transit router and a stub"},
           time_scalar(model.transit_stub, Duration::zero(), latency_max));
  v.scalar({.name = "intra_stub", .about = "One way between the routers of a stub"},
           time_scalar(model.intra_stub, Duration::zero(), latency_max));
}

void describe_model(Visitor& v, GraphLinks& model) {
  v.scalar({.name = "file", .about = "Edges of a router graph: `router,router,one_way_ms` a line", .required = true},
           file_scalar(model.file, v.folder()));
  v.scalar({.name = "unit", .about = "Of its latencies"}, unit_scalar(model.unit));
}

List missing_marks_of(MatrixLinks& model) {
  return {.size_max = 16,
          .size = [&model] { return model.missing.size(); },
          .clear = [&model] { model.missing.clear(); },
          .element =
              [&model](std::size_t index) {
                if (index == model.missing.size()) model.missing.emplace_back();
                return text_scalar(model.missing[index]);
              }};
}

void describe_model(Visitor& v, MatrixLinks& model) {
  v.scalar(
      {.name = "file", .about = "Square matrix, with names in the first row and column or without", .required = true},
      file_scalar(model.file, v.folder()));
  v.scalar({.name = "rtt", .about = "Its entries are round trips, not one-way times"}, flag_scalar(model.rtt));
  v.scalar({.name = "unit", .about = "Of its entries"}, unit_scalar(model.unit));
  v.list({.name = "missing",
          .about = "Its entries that mean \"not measured\": words, numbers, `empty`. The other direction stands in for "
                   "them, else the mean of the two rows' medians",
          .default_text = "`[nan]`"},
         missing_marks_of(model));
}

void describe_model(Visitor& v, ExponentialLinks& model) {
  v.scalar({.name = "mean", .about = "Mean one-way latency; each message draws its own"},
           time_scalar(model.mean, tick, latency_max));
}

template <std::size_t... i>
void describe_alternative(Visitor& v, LinkModel& model, std::size_t kind, std::index_sequence<i...>) {
  ((kind == i ? describe_model(v, hold<std::variant_alternative_t<i, LinkModel>>(model)) : void()), ...);
}

}  // namespace

void describe_links(Visitor& v, Links& links) {
  static constexpr Names models[] = {"constant",     "uniform", "lognormal", "euclidean",  "regions",
                                     "transit_stub", "graph",   "matrix",    "exponential"};
  static_assert(std::size(models) == std::variant_size_v<LinkModel>);
  static constexpr Names deaths[] = {"silent", "reset"};
  v.tagged({.name = "model", .about = "Where the one-way latency between two peers comes from"}, models,
           links.model.index(), [&](std::size_t kind) {
             describe_alternative(v, links.model, kind, std::make_index_sequence<std::variant_size_v<LinkModel>>{});
           });
  v.scalar({.name = "jitter", .about = "Each message's latency is times U[1 - jitter, 1 + jitter]"},
           ratio_scalar(links.jitter_ratio));
  v.scalar({.name = "loss", .about = "Messages lost"}, ratio_scalar(links.loss_ratio));
  v.scalar({.name = "duplicate", .about = "Messages that arrive twice"}, ratio_scalar(links.duplicate_ratio));
  v.section({.name = "reorder", .about = "Messages held back, so that others overtake them"}, [&] {
    v.scalar({.name = "ratio", .about = "Messages held back"}, ratio_scalar(links.reorder.ratio));
    v.scalar({.name = "delay", .about = "For how long"}, time_scalar(links.reorder.delay));
  });
  v.scalar({.name = "setup", .about = "Round trips to open a link, before its first message"},
           round_trips_scalar(links.setup_rtts, 10));
  v.scalar({.name = "death", .about = "A dead peer is noticed by time-outs only, or its open links are reset"},
           choice_scalar(links.death, deaths));
  v.scalar({.name = "cut_pairs", .about = "Pairs of peers that can never talk to each other"},
           ratio_scalar(links.cut_pairs_ratio));
}

}  // namespace cicada::sim
