// A name as a setting gives it: the proper name, or a regular expression (ECMAScript). Names come from
// hardware and patterns from files: both may be hostile, so a match costs a bounded number of steps.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace sidetone {

// `part` stands somewhere in `name`; upper and lower case are alike.
[[nodiscard]] bool name_contains(std::string_view name, std::string_view part);

class NamePattern {
 public:
  // Never fails. A text that is no regular expression can still be a proper name; fault() says what is wrong.
  explicit NamePattern(std::string text);
  ~NamePattern();
  NamePattern(NamePattern&&) noexcept;
  NamePattern& operator=(NamePattern&&) noexcept;

  // The text is the name itself, or stands in it as it is, or matches some part of it as an expression.
  // Upper and lower case are alike. "*" is any name; an empty text is none.
  [[nodiscard]] bool matches(std::string_view name);
  // The text is the name itself.
  [[nodiscard]] bool is_name(std::string_view name) const;

  [[nodiscard]] const std::string& text() const { return text_; }
  // Not usable as an expression: the syntax is wrong, or one match exceeded the bound (it then counts as no
  // match, and the expression is not tried again).
  [[nodiscard]] const std::string& fault() const { return fault_; }

 private:
  struct Expression;
  bool matches_expression(std::string_view name);

  std::string text_;
  std::string fault_;
  std::unique_ptr<Expression> expression_;  // none: the text is only a name
};

}  // namespace sidetone
