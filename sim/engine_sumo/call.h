// engine_sumo::call: every call of libsumo that may write, warn or throw goes through it.
#pragma once

#include <exception>
#include <utility>

#include "sim/core/error.h"
#include "sim/engine_sumo/engine_impl.h"

namespace gemeo {

template <typename F>
void engine_sumo::call(char const* doing, F&& f) {
  std::string failure;
  bool failed = false;
  {
    console::guard const caught(*console_);
    try {
      std::forward<F>(f)();
    } catch (error const&) {
      throw;
    } catch (std::exception const& e) {  // TraCIException, or SUMO's ProcessError
      failed = true;
      failure = e.what();
    }
  }
  if (failed) {
    failed_ = true;
    std::string const reason = messages_->with_names(message_log::reason(console_->take_messages(), failure));
    std::string const where = scenario_.file.empty() ? scenario_.name : scenario_.file.string();
    if (counters_.tick == 0) throw_input(where, std::string(doing) + ": " + reason);
    throw_run(where, std::string(doing) + " at " + std::to_string(counters_.time_s) + " s: " + reason);
  }
  take_messages();
}

}  // namespace gemeo
