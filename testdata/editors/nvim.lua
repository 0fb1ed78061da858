-- Neovim with the files of editors/neovim: what `tools/try-editors` holds true, one line for each step.
local function say(text)
  io.stdout:write(text .. "\n")
end

local function leave(why)
  if why then
    io.stderr:write(why .. "\n")
  end
  vim.cmd(why and "1cquit!" or "qall!")
end

local function step(name, done, detail)
  if not vim.wait(15000, done, 20) then
    leave(name .. ": did not happen" .. (detail and ": " .. detail() or ""))
    error(name)
  end
  say(name .. (detail and ": " .. detail() or ""))
end

vim.g.dlint_path = os.getenv("DLINT")
if vim.fn.has("nvim-0.11") == 1 then
  vim.opt.runtimepath:append(os.getenv("EDITORS") .. "/neovim")
  vim.lsp.config("dlint", { cmd = { vim.g.dlint_path, "lsp" } })
  vim.lsp.enable("dlint")
else
  vim.cmd("luafile " .. os.getenv("EDITORS") .. "/neovim/plugin/dlint.lua")
end
vim.cmd("edit " .. vim.fn.fnameescape(os.getenv("FILE")))
local buffer = vim.api.nvim_get_current_buf()
vim.bo[buffer].filetype = "dockerfile"

local function found(code)
  for _, one in ipairs(vim.diagnostic.get(buffer)) do
    if one.code == code then
      return one
    end
  end
end

local function place(code)
  return function()
    local one = found(code)
    return one and ("%s at %d:%d"):format(code, one.lnum + 1, one.col + 1) or "nothing"
  end
end

step("diagnostics appear", function() return found("maintainer-deprecated") end, place("maintainer-deprecated"))

vim.api.nvim_buf_set_lines(buffer, 0, 0, false, { "# héllo 𝒳" })
step("they move with the text", function()
  local one = found("maintainer-deprecated")
  return one and one.lnum == 2
end, place("maintainer-deprecated"))

local function ask(method, more)
  local params = vim.tbl_extend("force", { textDocument = { uri = vim.uri_from_bufnr(buffer) } }, more)
  for _, answer in pairs(vim.lsp.buf_request_sync(buffer, method, params, 5000) or {}) do
    return answer.result
  end
end

local last = { line = vim.api.nvim_buf_line_count(buffer), character = 0 }
local all = { start = { line = 0, character = 0 }, ["end"] = last }
local hints = {}
step("a hint shows bytes", function()
  hints = ask("textDocument/inlayHint", { range = all }) or {}
  return #hints > 0
end, function() return tostring(hints[1] and hints[1].label) end)

local actions = ask("textDocument/codeAction", { range = all, context = { only = { "source.fixAll.dlint" }, diagnostics = {} } })
if not actions or not actions[1] then
  return leave("no fix is offered")
end
vim.lsp.util.apply_workspace_edit(actions[1].edit, "utf-16")
step("the fix is applied", function()
  return table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), "\n"):find("LABEL", 1, true)
end, function() return vim.api.nvim_buf_get_lines(buffer, 2, 3, false)[1] end)
step("what it mends is gone", function() return not found("maintainer-deprecated") end)
leave()
