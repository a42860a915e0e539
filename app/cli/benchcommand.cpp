// SPDX-License-Identifier: Apache-2.0
#include "app/cli/benchcommand.h"

#include <cerrno>
#include <unistd.h>

namespace glowworm {

Status runBench(const std::vector<std::string>& arguments, const std::string& programFolder) {
    const std::string program = programFolder + "/glowworm-bench";
    std::vector<std::string> owned = arguments;
    std::vector<char*> pointers{const_cast<char*>(program.c_str())};
    for (std::string& argument : owned) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    ::execv(program.c_str(), pointers.data());
    if (errno == ENOENT) {
        return fail(ErrorCode::kNotFound, "the benchmarks are not built: there is no " + program +
                                              "; packaging/run bench builds them");
    }
    return std::unexpected(systemError("start", program, errno));
}

}  // namespace glowworm
