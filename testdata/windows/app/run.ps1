Write-Output "started in $env:SERVICE_HOME"
Start-Sleep -Seconds 3600
