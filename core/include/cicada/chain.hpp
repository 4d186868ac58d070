#pragma once
/// A short list of things under way: requests, hops, lookups. A node has none of them most of the time, so an empty
/// chain is one pointer, and each element is an allocation of its own that lives only as long as it is needed. Elements
/// never move, so references stay valid until their element is taken out.

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

namespace cicada {

template <class T>
class Chain {
 public:
  Chain() = default;
  Chain(Chain&&) noexcept = default;
  Chain& operator=(Chain&& other) noexcept {
    clear();
    first_ = std::move(other.first_);
    return *this;
  }
  ~Chain() { clear(); }

  [[nodiscard]] bool empty() const { return first_ == nullptr; }
  /// O(n).
  [[nodiscard]] std::size_t size() const {
    std::size_t count = 0;
    for (const Link* link = first_.get(); link != nullptr; link = link->next.get()) ++count;
    return count;
  }

  /// Adds in front. O(1).
  T& push(T value) {
    first_ = std::make_unique<Link>(Link{std::move(value), std::move(first_)});
    return first_->value;
  }

  /// The first element for which `wanted` holds; nullptr where there is none. O(n).
  template <class Wanted>
  [[nodiscard]] T* find(Wanted&& wanted) {
    for (Link* link = first_.get(); link != nullptr; link = link->next.get())
      if (wanted(std::as_const(link->value))) return &link->value;
    return nullptr;
  }

  /// Takes out the first element for which `wanted` holds; nullopt where there is none. O(n).
  template <class Wanted>
  std::optional<T> take(Wanted&& wanted) {
    for (std::unique_ptr<Link>* at = &first_; *at != nullptr; at = &(*at)->next) {
      if (!wanted(std::as_const((*at)->value))) continue;
      const std::unique_ptr<Link> link = std::move(*at);
      *at = std::move(link->next);
      return std::move(link->value);
    }
    return std::nullopt;
  }

  /// Drops all elements for which `wanted` holds. O(n).
  template <class Wanted>
  void erase_if(Wanted&& wanted) {
    for (std::unique_ptr<Link>* at = &first_; *at != nullptr;) {
      if (wanted(std::as_const((*at)->value)))
        *at = std::move((*at)->next);
      else
        at = &(*at)->next;
    }
  }

  template <class Visit>
  void for_each(Visit&& visit) {
    for (Link* link = first_.get(); link != nullptr; link = link->next.get()) visit(link->value);
  }
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const Link* link = first_.get(); link != nullptr; link = link->next.get()) visit(link->value);
  }

  /// Not recursive, however long the chain.
  void clear() {
    while (first_ != nullptr) first_ = std::move(first_->next);
  }

  static constexpr std::size_t element_bytes() { return sizeof(Link); }
  /// Where the first element is, for prefetching.
  [[nodiscard]] const void* address() const { return first_.get(); }

 private:
  struct Link {
    T value;
    std::unique_ptr<Link> next;
  };
  std::unique_ptr<Link> first_;
};

}  // namespace cicada
