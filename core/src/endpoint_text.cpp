#include <cicada/endpoint_text.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <span>
#include <utility>

namespace cicada {
namespace {

using Groups = std::array<std::uint16_t, 8>;

/// Appends `value` without leading zeros.
void append_number(std::string& text, unsigned value, int base) {
  std::array<char, 10> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, base).ptr;
  text.append(digits.data(), end);
}

/// The first longest run of zero groups, as [begin, end); empty where none has two.
std::pair<std::size_t, std::size_t> longest_zeros(const Groups& groups) {
  std::pair<std::size_t, std::size_t> best{0, 0};
  for (std::size_t begin = 0; begin < groups.size(); ++begin) {
    std::size_t end = begin;
    while (end < groups.size() && groups[end] == 0) ++end;
    if (end - begin >= 2 && end - begin > best.second - best.first) best = {begin, end};
  }
  return best;
}

std::string ipv6_text(const Endpoint& endpoint) {
  Groups groups;
  for (std::size_t i = 0; i < groups.size(); ++i)
    groups[i] = static_cast<std::uint16_t>((endpoint.address[2 * i] << 8) | endpoint.address[2 * i + 1]);
  const auto [begin, end] = longest_zeros(groups);
  std::string text;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (i == begin && begin != end) {
      text += "::";
      i = end - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    append_number(text, groups[i], 16);
  }
  return text;
}

/// A number of at most `digits` digits that fills the whole text.
std::optional<unsigned> parse_number(std::string_view text, int base, std::size_t digits, unsigned max) {
  if (text.empty() || text.size() > digits) return std::nullopt;
  if (base == 10 && text.size() > 1 && text.front() == '0') return std::nullopt;
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size() || value > max) return std::nullopt;
  return value;
}

/// Cuts off what stands before the first `separator`, and the separator; all of it where there is none.
std::string_view take_part(std::string_view& text, char separator) {
  const std::size_t at = text.find(separator);
  const std::string_view part = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view{} : text.substr(at + 1);
  return part;
}

std::optional<std::array<std::uint8_t, 4>> parse_ipv4(std::string_view text) {
  if (std::ranges::count(text, '.') != 3) return std::nullopt;
  std::array<std::uint8_t, 4> address{};
  for (std::uint8_t& byte : address) {
    const auto number = parse_number(take_part(text, '.'), 10, 3, 255);
    if (!number) return std::nullopt;
    byte = static_cast<std::uint8_t>(*number);
  }
  return address;
}

/// Groups separated by ':' into the front of `groups`; gives how many. `quad` allows a dotted quad as the last two.
std::optional<std::size_t> parse_groups(std::string_view text, bool quad, Groups& groups) {
  if (text.empty()) return 0;
  const auto separators = static_cast<std::size_t>(std::ranges::count(text, ':'));
  std::size_t count = 0;
  for (std::size_t part = 0; part <= separators; ++part) {
    const std::string_view group = take_part(text, ':');
    if (quad && part == separators && group.contains('.')) {
      const auto address = parse_ipv4(group);
      if (!address || count + 2 > groups.size()) return std::nullopt;
      for (std::size_t i = 0; i < 4; i += 2)
        groups[count++] = static_cast<std::uint16_t>(((*address)[i] << 8) | (*address)[i + 1]);
      return count;
    }
    const auto number = parse_number(group, 16, 4, 0xffff);
    if (!number || count == groups.size()) return std::nullopt;
    groups[count++] = static_cast<std::uint16_t>(*number);
  }
  return count;
}

std::optional<Groups> parse_ipv6(std::string_view text) {
  Groups front{};
  Groups back{};
  const std::size_t gap = text.find("::");
  const bool has_gap = gap != std::string_view::npos;
  const auto before = parse_groups(text.substr(0, gap), !has_gap, front);
  const auto after = has_gap ? parse_groups(text.substr(gap + 2), true, back) : 0;
  if (!before || !after) return std::nullopt;
  // The gap stands for at least one group.
  if (has_gap ? *before + *after >= front.size() : *before != front.size()) return std::nullopt;
  std::copy_n(back.begin(), *after, front.end() - static_cast<std::ptrdiff_t>(*after));
  return front;
}

}  // namespace

std::string to_string(const Endpoint& endpoint) {
  std::string text;
  if (is_ipv4(endpoint)) {
    for (std::size_t i = 12; i < endpoint.address.size(); ++i) {
      if (i > 12) text += '.';
      append_number(text, endpoint.address[i], 10);
    }
  } else {
    text = '[' + ipv6_text(endpoint) + ']';
  }
  text += ':';
  append_number(text, endpoint.port, 10);
  return text;
}

std::optional<Endpoint> parse_address(std::string_view text, std::uint16_t port) {
  if (const auto address = parse_ipv4(text)) return ipv4_endpoint(*address, port);
  const auto groups = parse_ipv6(text);
  if (!groups) return std::nullopt;
  Endpoint endpoint{.address = {}, .port = port};
  for (std::size_t i = 0; i < groups->size(); ++i) {
    endpoint.address[2 * i] = static_cast<std::uint8_t>((*groups)[i] >> 8);
    endpoint.address[2 * i + 1] = static_cast<std::uint8_t>((*groups)[i]);
  }
  return endpoint;
}

std::optional<Endpoint> parse_endpoint(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = parse_number(text.substr(colon + 1), 10, 5, 65535);
  std::string_view address = text.substr(0, colon);
  const bool bracketed = address.size() >= 2 && address.front() == '[' && address.back() == ']';
  if (bracketed) address = address.substr(1, address.size() - 2);
  // Brackets and only brackets make an IPv6 address, so that "::1:5000" is not taken apart in the wrong place.
  if (!port || bracketed != address.contains(':')) return std::nullopt;
  return parse_address(address, static_cast<std::uint16_t>(*port));
}

}  // namespace cicada
