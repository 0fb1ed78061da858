-- Neovim 0.11 and later: `vim.lsp.enable("dlint")` reads this.
return {
  cmd = { "dlint", "lsp" },
  filetypes = { "dockerfile", "yaml", "yaml.docker-compose", "hcl", "json", "jsonc" },
  root_markers = { "dlint.toml", ".git" },
}
