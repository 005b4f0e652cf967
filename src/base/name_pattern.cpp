#include "base/name_pattern.h"

#include <boost/regex.hpp>
#include <iterator>
#include <stdexcept>

#include "base/text.h"

namespace sidetone {
namespace {

// A device name has some dozen characters, a reasonable expression over it needs some hundred steps. This
// many take about a millisecond.
constexpr long steps_max = 50'000;
// Longer texts are cut before they are matched: no sound system shows more.
constexpr std::size_t name_size_max = 256;

struct TooManySteps : std::runtime_error {
  TooManySteps() : std::runtime_error("too many steps") {}
};

// Walks through the name and counts how often the matcher looks at it: Boost.Regex's own bound (the square of
// the expression's size times the name's) is seconds for what a configuration file may hold.
class CountedPosition {
 public:
  using iterator_category = std::bidirectional_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountedPosition() = default;
  CountedPosition(const char* at, long* steps_left) : at_(at), steps_left_(steps_left) {}
  reference operator*() const {
    step();
    return *at_;
  }
  CountedPosition& operator++() {
    ++at_;
    return *this;
  }
  CountedPosition operator++(int) { return {at_++, steps_left_}; }
  CountedPosition& operator--() {
    step();
    --at_;
    return *this;
  }
  CountedPosition operator--(int) {
    step();
    return {at_--, steps_left_};
  }
  friend bool operator==(const CountedPosition& a, const CountedPosition& b) { return a.at_ == b.at_; }

 private:
  void step() const {
    if (--*steps_left_ < 0) throw TooManySteps{};
  }
  const char* at_ = nullptr;
  long* steps_left_ = nullptr;
};

}  // namespace

bool name_contains(std::string_view name, std::string_view part) {
  for (std::size_t at = 0; at + part.size() <= name.size(); ++at)
    if (iequals(name.substr(at, part.size()), part)) return true;
  return false;
}

struct NamePattern::Expression {
  boost::regex regex;
};

NamePattern::NamePattern(std::string text) : text_(std::move(text)) {
  if (text_.empty() || text_ == "*") return;
  try {
    expression_ = std::make_unique<Expression>(
        Expression{boost::regex(text_, boost::regex::ECMAScript | boost::regex::icase)});
  } catch (const boost::regex_error&) {
    // Boost's own text quotes the expression with marks inside; the reader has it before his eyes anyway.
    fault_ = "is no regular expression";
  }
}

NamePattern::~NamePattern() = default;
NamePattern::NamePattern(NamePattern&&) noexcept = default;
NamePattern& NamePattern::operator=(NamePattern&&) noexcept = default;

bool NamePattern::is_name(std::string_view name) const { return !text_.empty() && iequals(text_, name); }

bool NamePattern::matches(std::string_view name) {
  if (text_.empty()) return false;
  if (text_ == "*") return true;
  name = name.substr(0, name_size_max);
  return name_contains(name, text_) || matches_expression(name);
}

bool NamePattern::matches_expression(std::string_view name) {
  if (!expression_) return false;
  long steps_left = steps_max;
  try {
    return boost::regex_search(CountedPosition(name.data(), &steps_left),
                               CountedPosition(name.data() + name.size(), &steps_left), expression_->regex);
  } catch (const std::runtime_error&) {  // our bound, or Boost's on states and memory
    fault_ = "takes too many steps to match; it counts as no match";
    expression_.reset();
    return false;
  }
}

}  // namespace sidetone
