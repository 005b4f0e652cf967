// Secret<T> never prints: there is no operator<<, no formatter, no implicit conversion; the one way to the
// value is the word reveal(), which a reviewer can search for. Pii<T> (personal data: numbers, names)
// prints masked.
#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>

namespace sidetone {

template <typename T>
class Secret {
 public:
  Secret() = default;
  explicit Secret(T value) : value_(std::move(value)) {}
  Secret(const Secret&) = default;
  Secret(Secret&&) noexcept = default;
  Secret& operator=(const Secret&) = default;
  Secret& operator=(Secret&&) noexcept = default;
  ~Secret() {
    if constexpr (requires {
                    value_.data();
                    value_.size();
                  }) {
      volatile auto* bytes = value_.data();
      for (std::size_t i = 0; i < value_.size(); ++i) bytes[i] = 0;
    }
  }

  [[nodiscard]] const T& reveal() const { return value_; }
  [[nodiscard]] bool empty() const { return value_.empty(); }
  friend bool operator==(const Secret& a, const Secret& b) { return a.value_ == b.value_; }

 private:
  T value_{};
};

template <typename T>
class Pii {
 public:
  Pii() = default;
  explicit Pii(T value) : value_(std::move(value)) {}
  [[nodiscard]] const T& reveal() const { return value_; }
  [[nodiscard]] bool empty() const { return value_.empty(); }
  friend bool operator==(const Pii& a, const Pii& b) { return a.value_ == b.value_; }

 private:
  T value_{};
};

// Keeps the last two characters, so that two calls can be told apart without showing the number.
[[nodiscard]] std::string masked(std::string_view text);

}  // namespace sidetone

template <typename T>
struct fmt::formatter<sidetone::Pii<T>> : fmt::formatter<std::string> {
  template <typename Context>
  auto format(const sidetone::Pii<T>& pii, Context& context) const {
    return fmt::formatter<std::string>::format(sidetone::masked(pii.reveal()), context);
  }
};
