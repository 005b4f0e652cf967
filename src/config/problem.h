// What is wrong with a configuration file, as the person who edits it should read it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace sidetone::config {

enum class Severity : std::uint8_t {
  warning,  // the phone works, perhaps not as meant
  error,    // the phone must not start with this
};

struct ConfigProblem {
  Severity severity = Severity::warning;
  std::string file;
  std::size_t line = 0;  // from 1; 0: belongs to no place in the file
  std::string option;    // dotted path; empty when the document itself is at fault
  std::string text;      // one sentence, never a secret
  std::string remedy;    // what to write instead; may be empty
};

// "Softphone.config:12: error: policy.session.auto_answer: 'yes' is neither 0 nor 1 (write 1)"
[[nodiscard]] std::string describe(const ConfigProblem& problem);

// Problems of one file. Bounded: a hostile file of 1 MB could otherwise yield 30,000 sentences.
class ProblemList {
 public:
  static constexpr std::size_t problems_max = 200;

  explicit ProblemList(std::string file) : file_(std::move(file)) {}
  void error(std::size_t line, std::string option, std::string text, std::string remedy = {});
  void warning(std::size_t line, std::string option, std::string text, std::string remedy = {});
  // What comes now is not about the file but about what this says; empty: about the file again.
  void speak_of(std::string origin) { origin_ = std::move(origin); }
  [[nodiscard]] std::string place(std::size_t line) const;  // "Softphone.config:12"
  [[nodiscard]] bool has_errors() const { return has_errors_; }
  [[nodiscard]] bool full() const { return problems_.size() >= problems_max; }
  [[nodiscard]] std::vector<ConfigProblem> take() && { return std::move(problems_); }

 private:
  void add(ConfigProblem problem);

  std::string file_, origin_;
  std::vector<ConfigProblem> problems_;
  bool has_errors_ = false;
};

}  // namespace sidetone::config
