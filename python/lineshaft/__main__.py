from lineshaft.command import main

main()
