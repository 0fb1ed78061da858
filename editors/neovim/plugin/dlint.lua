-- Neovim 0.7 to 0.10: starts `dlint lsp` for each Dockerfile.
if vim.fn.has("nvim-0.11") == 1 then
  return
end

local function root(file)
  local folder = vim.fn.fnamemodify(file, ":p:h")
  for _, mark in ipairs({ "dlint.toml", ".git" }) do
    local found = vim.fn.findfile(mark, folder .. ";")
    if found == "" then
      found = vim.fn.finddir(mark, folder .. ";")
    end
    if found ~= "" then
      return vim.fn.fnamemodify(found, ":p:h" .. (mark == ".git" and ":h" or ""))
    end
  end
  return folder
end

-- One server for each folder, as `vim.lsp.start` of 0.8 has it.
local clients = {}

local function start(buffer)
  local folder = root(vim.api.nvim_buf_get_name(buffer))
  local config = { name = "dlint", cmd = { vim.g.dlint_path or "dlint", "lsp" }, root_dir = folder }
  if vim.lsp.start then
    vim.lsp.start(config)
    return
  end
  local id = clients[folder]
  if not id or not vim.lsp.get_client_by_id(id) then
    id = vim.lsp.start_client(config)
    clients[folder] = id
  end
  if id then
    vim.lsp.buf_attach_client(buffer, id)
  end
end

vim.api.nvim_create_autocmd("FileType", {
  pattern = "dockerfile",
  callback = function(event)
    start(event.buf)
  end,
})
