#include "config/problem.h"

#include <fmt/format.h>

#include <utility>

namespace sidetone::config {

std::string describe(const ConfigProblem& problem) {
  std::string out = problem.file;
  if (problem.line != 0) out += fmt::format(":{}", problem.line);
  out += problem.severity == Severity::error ? ": error: " : ": warning: ";
  if (!problem.option.empty()) out += problem.option + ": ";
  out += problem.text;
  if (!problem.remedy.empty()) out += fmt::format(" ({})", problem.remedy);
  return out;
}

void ProblemList::error(std::size_t line, std::string option, std::string text, std::string remedy) {
  has_errors_ = true;
  add({Severity::error, {}, line, std::move(option), std::move(text), std::move(remedy)});
}

void ProblemList::warning(std::size_t line, std::string option, std::string text, std::string remedy) {
  add({Severity::warning, {}, line, std::move(option), std::move(text), std::move(remedy)});
}

std::string ProblemList::place(std::size_t line) const {
  if (!origin_.empty()) return origin_;
  return line == 0 ? file_ : fmt::format("{}:{}", file_, line);
}

void ProblemList::add(ConfigProblem problem) {
  if (full()) {
    // The last place tells that there are more, and keeps the severity true.
    problem = {Severity::warning, {}, 0, {}, "there are more problems than are listed here",
               "mend these first"};
    if (has_errors_) problem.severity = Severity::error;
    problems_.pop_back();
  }
  problem.file = origin_.empty() ? file_ : origin_;
  problems_.push_back(std::move(problem));
}

}  // namespace sidetone::config
